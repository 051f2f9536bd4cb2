/**
 * @file `node bench/campaign-kills.mjs [redis|redis-aof|postgres] [kills] [seed]`: runs campaigns on a real server with three workers, and
 * kills by SIGKILL, at random moments, a worker, all workers, the coordinator, or the server itself; whatever was killed is started
 * again. Each campaign has to end with the hash that one process on this machine comes to.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '@pareidolia/core';
import { startPostgres, startRedis } from '../tests/support/servers.mjs';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));
const WORKERS = 3;
const KILLS_OF_ONE = 12;

const [kind = 'redis', kills = '100', seed = '1'] = process.argv.slice(2);
const random = Random.stream(Number(seed), 20);
const root = mkdtempSync(join(tmpdir(), 'pareidolia-campaigns-'));
const env = { ...process.env, PAREIDOLIA_TRUST_MODELS: '1', XDG_CACHE_HOME: join(root, 'cache') };

writeFileSync(
  join(root, 'plan.yaml'),
  `models: [digits]
searches:
  - { encodings: [cppn], seeds: 1-3, generations: 119, batch: 20, epoch: 10 }
  - { encodings: [direct], seeds: [7], generations: 79, batch: 20, epoch: 10, share: 3 }
attacks:
  - { attacks: [pgd, square], epsilons: [0.1], limit: 20, budgets: 200, batch: 5 }
`,
);

function start(...args) {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      child.told += text;
    });
  }
  child.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  return child;
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const archiveOf = (out) => JSON.parse(readFileSync(join(root, out, 'campaign.json'), 'utf8')).archive;

const tally = { worker: 0, 'all workers': 0, coordinator: 0, server: 0 };
let server;
const living = new Set();
try {
  const alone = start('campaign', 'start', 'plan.yaml', '--local', '1', '--out', 'alone');
  const { code } = await alone.ended;
  if (code !== 0) throw new Error(alone.told);
  const expected = archiveOf('alone');
  console.log(`One process: ${expected}`);
  server =
    kind === 'postgres'
      ? await startPostgres({ durable: true })
      : await startRedis({ appendOnly: kind === 'redis-aof' });
  const worker = () => {
    const child = start('worker', '--queue', server.url, '--threads', '1', '--lock-seconds', '1');
    living.add(child);
    child.ended.then(() => living.delete(child));
    return child;
  };
  const workers = Array.from({ length: WORKERS }, worker);
  let wrong = 0;
  let campaigns = 0;
  for (let done = 0; done < Number(kills); campaigns++) {
    const out = `campaign-${campaigns}`;
    const begin = performance.now();
    const coordinate = (...more) =>
      start('campaign', 'start', ...more, '--queue', server.url, '--out', out, '--window', '8');
    let coordinator = coordinate('plan.yaml');
    let own = 0;
    for (;;) {
      const ended = await Promise.race([coordinator.ended, pause(300 + 2500 * random.uniform())]);
      if (ended !== undefined) {
        if (ended.code !== 0) throw new Error(`${out} ended with ${ended.code ?? ended.signal}:\n${coordinator.told}`);
        break;
      }
      // Before it has begun there is nothing to be harmed.
      if (done >= Number(kills) || own >= KILLS_OF_ONE || !coordinator.told.includes('the campaign')) continue;
      const what = Object.keys(tally)[random.integer(4)];
      tally[what]++;
      done++;
      own++;
      if (what === 'worker' || what === 'all workers') {
        const places = what === 'worker' ? [random.integer(WORKERS)] : workers.map((_, place) => place);
        for (const place of places) workers[place].kill('SIGKILL');
        await Promise.all(places.map((place) => workers[place].ended));
        for (const place of places) workers[place] = worker();
      } else if (what === 'coordinator') {
        coordinator.kill('SIGKILL');
        await coordinator.ended;
        coordinator = coordinate('--resume');
      } else {
        await server.kill();
        await pause(800 * random.uniform());
        await server.start();
      }
      process.stderr.write(`${done} of ${kills} kills\r`);
      // A worker that began while there was no server has said so and ended.
      for (const [place, child] of workers.entries()) if (!living.has(child)) workers[place] = worker();
    }
    const found = archiveOf(out);
    if (found !== expected) wrong++;
    console.log(
      `${out}: ${own} kills, ${((performance.now() - begin) / 1000).toFixed(0)} s, ${found === expected ? 'the same hash' : `ANOTHER HASH ${found}`}`,
    );
    rmSync(join(root, out), { recursive: true });
  }
  console.table({ ...tally, campaigns, wrong });
  if (wrong > 0) process.exitCode = 1;
} finally {
  for (const child of living) child.kill('SIGKILL');
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
}
