/**
 * @file `node bench/kills.mjs [kills] [seed]`: kills `fool`, `attack`, `train` and `reproduce` by SIGKILL at random moments, resumes
 * each until it ends, and compares all that it leaves with an undisturbed run, byte for byte but for the time that things took.
 * Takes a few seconds a kill; Ctrl-C prints what there is so far.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '@pareidolia/core';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'pareidolia-kills-'));

const JOBS = {
  fool: 'fool --generations 60 --batch 40 --checkpoint-every 0 --out run',
  attack:
    'attack --limit 24 --attack pgd,deepfool,square --epsilon 0.1,0.2 --budget 150 --batch 4 --pictures 10 --out run',
  train: `train mlp --data ${join(root, 'data')} --hidden 64 --epochs 12 --adversarial fgsm --epsilon 0.1 --out run.onnx`,
  reproduce: 'reproduce mnist-cppn mnist-direct --budget tiny --out run',
};

/** Where a search stands, which says how long it took, and genomes that are no longer needed; reports, which are of the time. */
const NOT_COMPARED = /(checkpoint\.json|\.pack|report\.html)$/;

/** Random images of two kinds, as IDX files. */
function writeData() {
  const folder = join(root, 'data');
  mkdirSync(folder);
  const random = Random.stream(1);
  for (const [part, count] of [
    ['train', 3000],
    ['t10k', 300],
  ]) {
    const header = (...dims) => {
      const bytes = Buffer.alloc(4 + 4 * dims.length);
      bytes.writeUInt32BE(0x0800 + dims.length);
      dims.forEach((dim, axis) => {
        bytes.writeUInt32BE(dim, 4 + 4 * axis);
      });
      return bytes;
    };
    const labels = Uint8Array.from({ length: count }, () => random.integer(2));
    const images = Uint8Array.from(
      { length: count * 144 },
      (_, i) => random.integer(120) + (labels[Math.floor(i / 144)] === (i % 12 < 6 ? 0 : 1) ? 90 : 0),
    );
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), Buffer.concat([header(count, 12, 12), images]));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), Buffer.concat([header(count), labels]));
  }
  writeFileSync(join(folder, 'classes.txt'), 'left\nright\n');
}

/**
 * Runs a command.
 *
 * @param {number} [after] milliseconds after which it is killed
 * @returns {Promise<{ killed: boolean, milliseconds: number }>}
 */
function run(cwd, args, after) {
  const begin = performance.now();
  const env = { ...process.env, PAREIDOLIA_DATA: join(root, 'no-data') };
  const child = spawn(process.execPath, [COMMAND, ...args, '--threads', '1'], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const milliseconds = performance.now() - begin;
      if (signal === 'SIGKILL') resolve({ killed: true, milliseconds });
      else if (code === 0) resolve({ killed: false, milliseconds });
      else reject(new Error(`${args.join(' ')} in ${cwd} ended with ${code ?? signal}:\n${told}`));
    });
  });
}

/** All files below a folder, without the time that things took. */
function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_COMPARED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(
    files.map((file) => {
      const text = readFileSync(file, 'latin1');
      const timeless = text.replaceAll(/"(seconds|\w+PerSecond)":\s*[\d.e+-]+/g, '"$1":0');
      return [file.slice(folder.length + 1), /\.jsonl?$/.test(file) ? timeless : text];
    }),
  );
}

const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
const random = Random.stream(seed, 1);
const rows = {};
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
try {
  writeData();
  const alone = {};
  for (const [name, line] of Object.entries(JOBS)) {
    const cwd = join(root, `${name}-alone`);
    mkdirSync(cwd);
    const { milliseconds } = await run(cwd, line.split(' '));
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
      const { killed } = await run(cwd, [...JOBS[name].split(' '), ...resume], after);
      if (!killed) break;
      rows[name].kills++;
      done++;
    }
    rows[name].jobs++;
    process.stderr.write(`${done} of ${kills} kills\r`);
    const left = contents(cwd);
    const all = new Set([...left.keys(), ...alone[name].files.keys()]);
    const different = [...all].filter((file) => left.get(file) !== alone[name].files.get(file));
    if (different.length > 0) {
      rows[name].different++;
      console.log(`${name}, job ${job}: ${different.join(', ')} differ`);
    }
    rmSync(cwd, { recursive: true });
  }
  console.table(rows);
} finally {
  rmSync(root, { recursive: true, force: true });
}
if (Object.values(rows).some(({ different }) => different > 0)) process.exitCode = 1;
