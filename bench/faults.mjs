/**
 * @file `node bench/faults.mjs [fault] [step] [job...]`: ends `fool`, `attack`, `train`, `reproduce` and `audit` at each system call that
 * changes the disk (with a step of 5 at every fifth), resumes them, and compares all that they leave with an undisturbed run,
 * byte for byte but for the time that things took. The fault is `kill`, or an error of the system like `EIO`, of which the
 * command has to tell in one sentence.
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { contents, differences, run, workshop } from './jobs.mjs';

const { root, data, remove } = workshop();
const JOBS = {
  fool: 'fool --classes 0-3 --generations 3 --batch 8 --checkpoint-every 0 --out run',
  attack: 'attack --limit 4 --attack fgsm,square --epsilon 0.1,0.3 --budget 20 --batch 2 --pictures 2 --out run',
  train: `train mlp --data ${data} --hidden 8 --epochs 2 --batch 500 --adversarial fgsm --epsilon 0.1 --out run.onnx`,
  force: `train mlp --data ${data} --hidden 8 --epochs 1 --batch 500 --force --out run.onnx`,
  reproduce: 'reproduce rubbish mnist-cppn --budget tiny --out run',
  audit: 'audit --limit 8 --out run',
};

const [fault = 'kill', step = '1', ...names] = process.argv.slice(2);
const rows = {};
const failed = [];

/** One fault at one call of a job, and what comes of it. */
async function strike(name, call, expected) {
  const cwd = join(root, `${name}-${call}`);
  mkdirSync(cwd);
  const args = JOBS[name].split(' ');
  const row = rows[name];
  const note = (what, told = '') => failed.push(`${name}, call ${call}: ${what}${told === '' ? '' : `\n${told}`}`);
  if (name === 'force')
    await run(
      args.map((word) => (word === '8' ? '4' : word)),
      { cwd },
    );
  const ended = await run(args, { cwd, env: { FAULT: `${fault} ${call}`, FAULT_RELATIVE: '1' } });
  row.faults++;
  if (fault === 'kill') {
    if (ended.signal !== 'SIGKILL') note(`was not killed, but ended with ${ended.code}`, ended.told);
  } else if (ended.code === 0) row.unharmed++;
  else {
    const sentences = ended.told.split('\n').filter((line) => line.startsWith('pareidolia: '));
    const isClear = sentences.length === 1 && !/^\s+at /m.test(ended.told);
    if (![1, 2].includes(ended.code) || !isClear) note(`ended with ${ended.code ?? ended.signal}`, ended.told);
  }
  // What replaces another training is asked for again: before it has begun there is only the other one to go on with.
  const again = name === 'force' ? args : [...args, '--resume'];
  const more = fault !== 'kill' && ended.code === 0 ? undefined : await run(again, { cwd });
  if (more !== undefined && more.code !== 0) note('is not resumed', more.told);
  else {
    const other = differences(contents(cwd), expected);
    if (other.length > 0) note(`${other.join(', ')} differ`);
  }
  rmSync(cwd, { recursive: true });
}

try {
  for (const name of names.length > 0 ? names : Object.keys(JOBS)) {
    const cwd = join(root, name);
    mkdirSync(cwd);
    const args = JOBS[name].split(' ');
    if (name === 'force')
      await run(
        args.map((word) => (word === '8' ? '4' : word)),
        { cwd },
      );
    const count = join(root, 'count');
    const whole = await run(args, { cwd, env: { FAULT: 'count', FAULT_RELATIVE: '1', FAULT_COUNT: count } });
    if (whole.code !== 0) throw new Error(whole.told);
    const text = readFileSync(count, 'utf8');
    const calls = Number.parseInt(text, 10);
    const expected = contents(cwd);
    rows[name] = {
      calls,
      files: expected.size,
      faults: 0,
      unharmed: 0,
      wrong: 0,
      ...JSON.parse(text.slice(text.indexOf(' '))),
    };
    const places = Array.from({ length: Math.ceil(calls / Number(step)) }, (_, i) => 1 + i * Number(step));
    const before = failed.length;
    await Promise.all(
      Array.from({ length: availableParallelism() }, async () => {
        for (let call = places.shift(); call !== undefined; call = places.shift()) {
          await strike(name, call, expected);
          process.stderr.write(`${name} ${call} of ${calls}, ${failed.length} wrong\r`);
        }
      }),
    );
    rows[name].wrong = failed.length - before;
  }
  console.table(rows);
  for (const line of failed) console.log(line);
} finally {
  remove();
}
if (failed.length > 0) process.exitCode = 1;
