/**
 * @file `node fuzz/run-folders.mjs [mutants] [seed]`: damages folders of jobs in many ways, goes on with them, and asks that each
 * ends well or with one sentence, and that no file outside of the folder is touched. What is damaged: bytes; values in
 * configurations, journals and checkpoints, which are signed again; and what files are (links, pipes, devices, folders).
 * Prints the seed, counts by kind, and each mutant that got through; exits with 1 where one did.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { drawDigits, InputError, Random } from '@pareidolia/core';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
import { attack } from '../packages/cli/dist/attack/attack.js';
import { fool } from '../packages/cli/dist/fool/fool.js';
import { DiskError } from '../packages/cli/dist/job/disk-error.js';
import { reproduce } from '../packages/cli/dist/reproduce/reproduce.js';
import { RunReader } from '../packages/cli/dist/server/run-reader.js';
import { trainNetwork } from '../packages/cli/dist/train/train.js';

const [mutants = 2000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const root = mkdtempSync(join(tmpdir(), 'pareidolia-fuzz-'));
process.chdir(root);
process.env.PAREIDOLIA_DATA = join(root, 'no-data');
console.log(`${mutants} mutants of run folders, seed ${seed}`);

const silent = new Proxy({}, { get: () => () => {} });
const common = { threads: 1, resume: true };
const searching = { ...common, checkpointEvery: 0, settings: {} };
const first = { model: undefined, classes: '0-2', seed: 1, generations: 3, batch: 8 };
/** How each job is begun, and gone on with. */
const JOBS = {
  cppn: {
    begin: (signal) => fool({ ...searching, ...first, encoding: 'cppn', out: 'cppn' }, signal, silent),
    resume: (out, signal) => fool({ ...searching, out }, signal, silent),
  },
  ascent: {
    begin: (signal) =>
      fool(
        { ...searching, ...first, emitter: 'gradient-ascent', settings: { starts: 2 }, out: 'ascent' },
        signal,
        silent,
      ),
    resume: (out, signal) => fool({ ...searching, out }, signal, silent),
  },
  attack: {
    begin: (signal) =>
      attack(
        { ...common, given: { limit: 4, attack: 'fgsm,square', epsilon: '0.2', budget: 10, batch: 2 }, out: 'attack' },
        signal,
        silent,
      ),
    resume: (out, signal) => attack({ ...common, given: {}, out }, signal, silent),
  },
  train: {
    begin: (signal, stop) =>
      trainNetwork(
        { ...common, given: { network: 'mlp', data: 'letters', epochs: 3, batch: 50, hidden: [5] }, out: 'net.onnx' },
        signal,
        { ...silentTrain, epoch: ({ epoch }) => epoch === 2 && stop() },
      ),
    resume: (out, signal) => trainNetwork({ ...common, given: {}, out: `${out}.onnx` }, signal, silentTrain),
    folder: 'net.training',
  },
  reproduce: {
    begin: (signal) =>
      reproduce({ ...common, given: { names: ['rubbish'], budget: 'tiny' }, out: 'reproduce' }, signal, silent),
    resume: (out, signal) => reproduce({ ...common, given: {}, out }, signal, silent),
  },
  watched: { resume: async (out) => new RunReader('id', out).open(), folder: 'cppn' },
};
const silentTrain = {
  begin: () => {},
  before: () => {},
  round: () => {},
  search: () => {},
  step: () => {},
  epoch: () => {},
};

/** Digits as files of IDX, so that training takes a moment only. */
function writeData() {
  mkdirSync('letters');
  const { images, labels } = drawDigits(200, 1);
  const header = (...dims) =>
    Buffer.concat([
      Buffer.of(0, 0, 8, dims.length),
      ...dims.map((dim) => Buffer.from(Uint32Array.of(dim).buffer).swap32()),
    ]);
  for (const part of ['train', 't10k']) {
    writeFileSync(`letters/${part}-images-idx3-ubyte`, Buffer.concat([header(200, 28, 28), images.data]));
    writeFileSync(`letters/${part}-labels-idx1-ubyte`, Buffer.concat([header(200), Uint8Array.from(labels)]));
  }
}

const HOSTILE = [
  ...[null, true, '', 'x', '../../x', '\u0000', '/dev/zero', 'all', 'config.json', '__proto__', 'x'.repeat(300)],
  ...[0, -1, 0.5, 1e9, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, Number.NaN, Number.POSITIVE_INFINITY],
  ...[[], {}, [[]], [null], { length: 1e9 }, { $float32: 'AAA=' }, { $number: 'x' }, { $uint8: '!' }],
  new Uint8Array(3),
  new Float32Array(2),
];

/** Changes one value somewhere in it. */
function mutate(value, random) {
  const inner = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
  const keys = inner ? Object.keys(value) : [];
  if (keys.length === 0 || random.uniform() < 0.15) return pick(HOSTILE, random);
  const key = pick(keys, random);
  if (random.uniform() < 0.15) {
    if (Array.isArray(value)) return random.uniform() < 0.5 ? value.slice(0, -1) : [...value, ...value.slice(-1)];
    const { [key]: _, ...rest } = value;
    return random.uniform() < 0.5 ? rest : { ...value, added: pick(HOSTILE, random) };
  }
  const changed = mutate(value[key], random);
  return Array.isArray(value)
    ? (value.with?.(Number(key), changed) ?? value.map((each, i) => (i === Number(key) ? changed : each)))
    : { ...value, [key]: changed };
}

const pick = (list, random) => list[random.integer(list.length)];
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** Changes a value in a file and signs it as the program would. */
function mutateValue(path, random) {
  const bytes = readFileSync(path);
  if (path.endsWith('.checkpoint')) {
    const body = encodeMessage(mutate(decodeMessage(bytes.subarray(32)), random));
    return writeFileSync(path, Buffer.concat([sha256(body), body]));
  }
  const text = bytes.toString('utf8');
  if (path.endsWith('checkpoint.json')) {
    const body = JSON.stringify(mutate(JSON.parse(JSON.parse(text).body), random)) ?? 'null';
    return writeFileSync(path, JSON.stringify({ sha256: sha256(body).toString('hex'), body }));
  }
  if (path.endsWith('.json')) return writeFileSync(path, JSON.stringify(mutate(JSON.parse(text), random)) ?? 'null');
  const lines = text.trimEnd().split('\n');
  const at = random.integer(lines.length);
  const line = mutate(JSON.parse(lines[at]), random);
  if (typeof line === 'object' && line !== null && 'crc' in line) {
    const { result, crc: _, ...head } = line;
    const own = JSON.stringify(result) ?? 'null';
    lines[at] = `${JSON.stringify({ ...head, crc: crc32(own) }).slice(0, -1)},"result":${own}}`;
  } else lines[at] = JSON.stringify(line) ?? 'null';
  return writeFileSync(path, `${lines.join('\n')}\n`);
}

function mutateBytes(path, random) {
  const bytes = readFileSync(path);
  const at = random.integer(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.integer(20));
  const noise = Buffer.from(Array.from({ length: random.integer(20) }, () => random.integer(256)));
  const kind = random.integer(4);
  if (kind === 0) writeFileSync(path, bytes.subarray(0, at));
  else if (kind === 1) writeFileSync(path, Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]));
  else if (kind === 2) writeFileSync(path, Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]));
  else {
    for (let i = at; i < end; i++) bytes[i] ^= 1 << random.integer(8);
    writeFileSync(path, bytes);
  }
}

/** Puts something else in the place of a file or folder. */
function mutateKind(path, random) {
  const kind = random.integer(7);
  if (kind === 0) return rmSync(path, { recursive: true });
  if (kind === 1) {
    // The same content, outside of the run: the harm of following would be done there.
    const outside = join(root, 'victims', path.replaceAll('/', '_'));
    renameSync(path, outside);
    return symlinkSync(outside, path);
  }
  if (kind === 2 && statSync(path).isFile()) return linkSync(path, join(root, 'victims', path.replaceAll('/', '_')));
  rmSync(path, { recursive: true });
  if (kind === 3) symlinkSync('/dev/zero', path);
  else if (kind === 4) execFileSync('mkfifo', [path]);
  else if (kind === 5) mkdirSync(path);
  else symlinkSync('nowhere', path);
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true });
}

/** All that lies outside of runs, with its bytes. */
function snapshot() {
  return new Map(
    ['victims', 'letters'].flatMap((folder) =>
      filesOf(folder).flatMap((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isFile() ? [[path, readFileSync(path).toString('latin1')]] : [[path, 'folder']];
      }),
    ),
  );
}

async function finish(job, out) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 1500);
  try {
    await JOBS[job].resume(out, controller.signal);
    return 'ended';
  } catch (error) {
    if (error === controller.signal.reason) return 'ended';
    if (!(error instanceof InputError || error instanceof DiskError)) return `${error?.stack ?? error}`;
    return error.message.includes('\n') ? `several lines: ${error.message}` : 'refused';
  } finally {
    clearTimeout(timer);
  }
}

const counts = {};
const escapes = [];
try {
  writeData();
  for (const [name, { begin }] of Object.entries(JOBS)) {
    const controller = new AbortController();
    await begin?.(controller.signal, () => controller.abort());
    counts[name] = { mutants: 0, refused: 0, ended: 0, escaped: 0 };
  }
  for (let mutant = 0; mutant < mutants; mutant++) {
    const random = Random.stream(seed, mutant);
    const job = pick(Object.keys(JOBS), random);
    const from = JOBS[job].folder ?? job;
    const to = job === 'train' ? `mutant-${mutant}.training` : `mutant-${mutant}`;
    mkdirSync('victims');
    cpSync(from, to, { recursive: true });
    const entries = filesOf(to).map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }));
    const files = entries.filter(({ path, isFile }) => isFile && !/\.(png|html)$/.test(path)).map(({ path }) => path);
    const [what, place] = pick(
      [
        [
          mutateValue,
          pick(
            files.filter((path) => /\.(jsonl?|checkpoint)$/.test(path) && readFileSync(path).length > 0),
            random,
          ),
        ],
        [mutateValue, join(to, 'config.json')],
        [mutateBytes, pick(files, random)],
        [mutateKind, pick(entries, random).path],
      ],
      random,
    );
    let ending;
    process.stderr.write(`${mutant}: ${job} ${what.name} ${place}\r`);
    try {
      what(place, random);
      const before = snapshot();
      ending = await finish(job, job === 'train' ? to.replace('.training', '') : to);
      const after = snapshot();
      const touched = [...new Set([...before.keys(), ...after.keys()])].find(
        (path) => before.get(path) !== after.get(path),
      );
      if (touched !== undefined) ending = `touched ${touched}`;
    } catch (error) {
      ending = `the fuzzer failed: ${error.stack}`;
    }
    const row = counts[job];
    row.mutants++;
    if (ending === 'refused' || ending === 'ended') row[ending]++;
    else {
      row.escaped++;
      escapes.push(`mutant ${mutant} (${job}, ${what.name} of ${place}): ${ending}`);
    }
    for (const name of ['victims', to, `mutant-${mutant}.onnx`, `mutant-${mutant}.card.json`])
      rmSync(name, { recursive: true, force: true });
  }
  console.table(counts);
  for (const mutant of escapes) console.log(mutant);
} finally {
  process.chdir(tmpdir());
  rmSync(root, { recursive: true, force: true });
}
process.exit(escapes.length > 0 ? 1 : 0);
