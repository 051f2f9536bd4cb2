/**
 * @file The quiz of a class with 40 phones, and with 200: the real server as a process of its own, phones with an address each that load
 * the page, join, get the images and answer each question in the same moment, while the teacher's page listens. What they do is in
 * tests/support/class-phones.mjs; nothing of what they send may be lost.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@pareidolia/core';
import {
  countsOf,
  countsSent,
  Phone,
  Refused,
  startStudio,
  Teacher,
  takeQuiz,
} from '../tests/support/class-phones.mjs';
import { describeMachine } from './machine.mjs';

const QUESTIONS = 12;

/** Milliseconds after which a page asks again whose request was not answered, and how often it may. */
const [AGAIN, ATTEMPTS] = [2000, 10];

export async function bench(print) {
  print(`${describeMachine()}; phones and server share it`);
  for (const phones of [40, 200]) for (const line of await classOf(phones)) print(line);
}

async function classOf(count) {
  const folder = mkdtempSync(join(tmpdir(), 'class-bench-'));
  const studio = await startStudio(folder);
  const teacher = new Teacher(studio);
  try {
    await teacher.listen();
    const { code } = await teacher.open(QUESTIONS);
    const before = memoryOf(studio.pid);
    // Loopback has as many addresses on Linux; elsewhere all phones come through one, as through a router.
    const hasAddresses = platform() === 'linux';
    if (!hasAddresses) await teacher.call('class.admit', {});
    const phones = Array.from(
      { length: count },
      (_, i) => new Phone(studio.origin, hasAddresses ? `127.0.${1 + (i >> 7)}.${1 + (i & 127)}` : undefined),
    );
    const times = { load: [], join: [], look: [], answer: [], result: [] };
    const troubles = [];
    const timed = async (kind, action) => {
      for (let attempt = 1; ; attempt++) {
        const begin = performance.now();
        try {
          const came = await action();
          times[kind].push(performance.now() - begin);
          return came;
        } catch (error) {
          // The answer had arrived before.
          if (error instanceof Refused && error.status === 409) return undefined;
          troubles.push(`${kind}: ${error.message}`);
          if (attempt >= ATTEMPTS) throw error;
          await new Promise((resolve) => setTimeout(resolve, AGAIN));
        }
      }
    };
    await Promise.all(phones.map((phone) => timed('load', () => phone.load())));
    const random = Random.stream(1, count);
    const choose = () => random.integer(5) - 1;
    const { answers, stayed, miscounted } = await takeQuiz(phones, { code, questions: QUESTIONS, choose, timed });
    const { view } = await teacher.call('class.view', {});
    const [counted, sent] = [countsOf(view), countsSent(answers, view)];
    const lost = sent.flat().reduce((sum, one, i) => sum + Math.abs(one - counted.flat()[i]), 0);
    await teacher.call('class.reveal', {});
    await Promise.all(phones.map((phone) => timed('result', () => phone.look())));
    const after = memoryOf(studio.pid);
    for (const phone of phones) phone.vanish();
    await teacher.call('class.close', {});
    return [
      `${count} phones: ${answers.flat().length} answers, ${lost} lost or counted wrongly, ${miscounted} of those sent twice; joined ${view.joined}, done ${view.finished} of ${stayed} that stayed; ${teacher.views} counts told live; ${troubles.length} requests made again`,
      ...Object.entries(times).map(([kind, list]) => `  ${kind}: ${quantiles(list)}`),
      `  memory of the server: ${before} MB before, ${after} MB after, ${memoryOf(studio.pid)} MB once the quiz is closed`,
      ...[...new Set(troubles)].map((trouble) => `  ${troubles.filter((one) => one === trouble).length} x ${trouble}`),
    ];
  } finally {
    teacher.close();
    await studio.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Megabytes that a process has in memory. */
function memoryOf(pid) {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' })) / 1024);
}

function quantiles(list) {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (share) => `${sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0)} ms`;
  return `median ${at(0.5)}, 95 % ${at(0.95)}, 99 % ${at(0.99)}, slowest ${at(1)} (${sorted.length})`;
}
