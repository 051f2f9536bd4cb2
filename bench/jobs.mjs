/** @file The long commands at a small size, run as processes of their own, and what they leave: for kills and faults. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '@pareidolia/core';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));
const FAULTS = new URL('../tests/support/faults.mjs', import.meta.url).href;

/** Where a search stands, which says how long it took, and genomes that are no longer needed; reports, which are of the time. */
const NOT_COMPARED = /(checkpoint\.json|\.pack|report\.html)$/;

/** A folder for all that is made, with data to train on; `remove` it in the end. */
export function workshop() {
  const root = mkdtempSync(join(tmpdir(), 'pareidolia-jobs-'));
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
  return { root, data: folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * Runs a command.
 *
 * @param {{ cwd: string, env?: Record<string, string>, after?: number }} options `after` so many milliseconds it is killed; with
 *   `env` that names a fault, faults are injected
 * @returns {Promise<{ code: number | null, signal: string | null, told: string, milliseconds: number }>}
 */
export function run(args, { cwd, env = {}, after }) {
  const begin = performance.now();
  const faults = env.FAULT === undefined ? [] : ['--import', FAULTS];
  const child = spawn(process.execPath, [...faults, COMMAND, ...args, '--threads', '1'], {
    cwd,
    env: { ...process.env, PAREIDOLIA_DATA: join(cwd, 'no-data'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, told, milliseconds: performance.now() - begin });
    });
  });
}

/** All files below a folder, without the time that things took. */
export function contents(folder) {
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

/** Names of files in which two folders differ. */
export function differences(one, other) {
  const all = new Set([...one.keys(), ...other.keys()]);
  return [...all].filter((file) => one.get(file) !== other.get(file));
}
