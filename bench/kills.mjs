/**
 * @file `node bench/kills.mjs [kills] [seed]`: kills `fool`, `attack`, `train` and `reproduce` by SIGKILL at random moments, resumes
 * each until it ends, and compares all that it leaves with an undisturbed run, byte for byte but for the time that things took.
 * Takes a few seconds a kill; Ctrl-C prints what there is so far.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@pareidolia/core';
import { contents, differences, run, workshop } from './jobs.mjs';

const { root, data, remove } = workshop();

const JOBS = {
  fool: 'fool --generations 60 --batch 40 --checkpoint-every 0 --out run',
  attack:
    'attack --limit 24 --attack pgd,deepfool,square --epsilon 0.1,0.2 --budget 150 --batch 4 --pictures 10 --out run',
  train: `train mlp --data ${data} --hidden 64 --epochs 12 --adversarial fgsm --epsilon 0.1 --out run.onnx`,
  reproduce: 'reproduce mnist-cppn mnist-direct --budget tiny --out run',
};

/** Runs a job; it must end well, unless it is killed. */
async function work(cwd, args, after) {
  const { code, signal, told, milliseconds } = await run(args, { cwd, ...(after === undefined ? {} : { after }) });
  if (signal === 'SIGKILL') return { killed: true, milliseconds };
  if (code === 0) return { killed: false, milliseconds };
  throw new Error(`${args.join(' ')} in ${cwd} ended with ${code ?? signal}:\n${told}`);
}

const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
const random = Random.stream(seed, 1);
const rows = {};
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
try {
  const alone = {};
  for (const [name, line] of Object.entries(JOBS)) {
    const cwd = join(root, `${name}-alone`);
    mkdirSync(cwd);
    const { milliseconds } = await work(cwd, line.split(' '));
    alone[name] = { milliseconds, files: contents(cwd) };
    rows[name] = {
      kills: 0,
      jobs: 0,
      files: alone[name].files.size,
      different: 0,
      'seconds alone': +(milliseconds / 1000).toFixed(1),
    };
  }
  const names = Object.keys(JOBS);
  for (let job = 0, done = 0; done < kills && !stopped; job++) {
    const name = names[job % names.length];
    const cwd = join(root, `${name}-${job}`);
    mkdirSync(cwd);
    for (let resume = []; ; resume = ['--resume']) {
      const after = done < kills && !stopped ? random.uniform() * 1.1 * alone[name].milliseconds : undefined;
      const { killed } = await work(cwd, [...JOBS[name].split(' '), ...resume], after);
      if (!killed) break;
      rows[name].kills++;
      done++;
    }
    rows[name].jobs++;
    process.stderr.write(`${done} of ${kills} kills\r`);
    const different = differences(contents(cwd), alone[name].files);
    if (different.length > 0) {
      rows[name].different++;
      console.log(`${name}, job ${job}: ${different.join(', ')} differ`);
    }
    rmSync(cwd, { recursive: true });
  }
  console.table(rows);
} finally {
  remove();
}
if (Object.values(rows).some(({ different }) => different > 0)) process.exitCode = 1;
