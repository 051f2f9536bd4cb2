/** @file `node fuzz/requests.mjs [mutants] [seed]`: calls of all methods of the studio's server, and requests of any kind. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { cppnEncoding, Random } from '@pareidolia/core';
import { PARAMETERS } from '@pareidolia/studio';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
import fc from 'fast-check';
import { serveStudio } from '../packages/cli/dist/server/studio-server.js';
import { documentsOf, fuzz, mutantsOf } from './support/mutants.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-fuzz-'));
const token = 'a'.repeat(43);
const page = { type: 'text/html', read: () => Buffer.from('<html>'), lasting: false };
const studio = await serveStudio({
  runs: join(folder, 'runs'),
  host: '127.0.0.1',
  port: 0,
  threads: 1,
  device: 'cpu',
  token,
  pages: new Map([['/', page]]),
});
const base = new URL(studio.url);

const bytes = new Uint8Array(readFileSync(new URL('../packages/core/assets/lenet-digits.onnx', import.meta.url)));
const shape = { channels: 1, height: 28, width: 28 };
const genome = cppnEncoding(shape).random(Random.stream(1, 1)).bytes;
const image = new Uint8Array(784);
const model = 'model-1';
const generator = 'generator-1';
const latent = new Uint8Array(Float32Array.of(0, 1).buffer);
const points = [
  { x: 0, y: 0, class: 0 },
  { x: 1, y: 1, class: 1 },
];
const attack = { job: 'a', model, image, label: 1, attack: 'fgsm', norm: 'linf', epsilon: 0.1, seed: 1, budget: 10 };
/** A request for each method. What would compute for long, or start a process, names a model that there is not. */
const CALLS = {
  about: {},
  'models.load': { name: 'net.onnx', bytes: bytes.subarray(0, 2000), card: { color: 'grey' } },
  'models.predict': { model, images: image, top: 3 },
  'samples.draw': { model: 'model-1', count: 1, seed: 1 },
  'runs.list': {},
  'runs.start': { model: 'none', encoding: 'cppn', generations: 2, batch: 4, seed: 1, classes: [0] },
  'runs.open': { run: 'none' },
  'runs.control': { run: 'none', action: 'stop' },
  'runs.pictures': { run: 'none', classes: [0, 1], size: 28 },
  'runs.elite': { run: 'none', class: 1 },
  'breed.screen': { model, parents: [genome], count: 2, seed: 1, change: 'mild', size: 28 },
  'breed.render': { genome, shape: { channels: 1, height: 9, width: 9 } },
  'breed.document': { genome, channels: 1 },
  'breed.read': {
    document: { format: 'pareidolia-cppn', version: 1, nodes: [{ name: 'grey', function: 'sine', from: { x: 1 } }] },
  },
  'latents.conversions': { generator, model },
  'latents.screen': { generator, model, parents: [latent], count: 2, seed: 1, change: 'mild' },
  'latents.look': { generator, model, latents: latent },
  'latents.decide': { generator, model, latents: latent },
  'latents.read': { generator, model, document: { latent: [0, 1] } },
  'generators.choose': { generator: 'none', className: '0' },
  'trainings.list': {},
  'trainings.open': { training: 'none' },
  'trainings.sheet': { training: 'none' },
  'trainings.generator': { training: 'none' },
  'campaigns.list': {},
  'campaigns.open': { campaign: 'none' },
  'campaigns.control': { campaign: 'none', action: 'retry' },
  'campaigns.report': { campaign: 'none' },
  'attack.start': { ...attack, settings: {} },
  'attack.stop': { job: 'a' },
  'boundaries.points': { points, hidden: [3], epochs: 2, grid: 5, seed: 1 },
  'boundaries.plane': {
    model,
    images: [image, image.map(() => 9), image.map((_, i) => i % 256)],
    grid: 3,
    margin: 0.1,
  },
  'audits.list': {},
  'audits.start': {
    model: 'none',
    threshold: 0.9,
    budget: 'quick',
    seed: 1,
    gates: 'garbage>1%',
    checks: ['garbage'],
    images: 'digits',
  },
  'audits.open': { audit: 'none' },
  'audits.stop': { audit: 'none' },
  'audits.estimate': {
    model: 'none',
    threshold: 0.9,
    budget: 'quick',
    seed: 1,
    images: { count: 30, isLabelled: true },
  },
  'audits.pictures': { audit: 'none', ids: ['garbage-black-0'], size: 28 },
  'audits.file': { audit: 'none', file: 'audit.json' },
  'runs.report': { run: 'none' },
  'quiz.start': {
    quiz: 'q',
    model: 'none',
    seed: 1,
    questions: 1,
    kinds: ['real'],
    images: { data: image, labels: [1] },
  },
  'quiz.open': { quiz: 'none' },
  'quiz.stop': { quiz: 'none' },
  'class.view': {},
  'class.open': { quiz: 'q', model: 'none', seed: 1, questions: 1, kinds: ['cppn', 'real'] },
  'class.admit': {},
  'class.reveal': {},
  'class.close': {},
  'class.file': { file: 'csv' },
};
/** What a pupil sends; the quiz is real images only, which are soon there. */
const PUPIL = [
  ['join', { code: 'ABCDEF' }],
  ['look', { pupil: 'none' }],
  ['answer', { pupil: 'none', place: 0, choice: -1 }],
];
const methods = Object.keys(PARAMETERS);
const missing = methods.filter((method) => !(method in CALLS));
if (missing.length > 0) throw new Error(`There is no call of ${missing.join(', ')}`);

/** Two numbers make an image of 2 x 4. */
function tinyGenerator() {
  const b = new GraphBuilder('tiny');
  b.input('z', 'float32', ['N', 2]);
  const weight = Float32Array.from({ length: 16 }, (_, i) => i % 3);
  const pixels = b.op('MatMul', ['z', b.constant({ type: 'float32', dims: [2, 8], data: weight })]);
  b.output(b.op('Reshape', [pixels, b.ints([-1, 1, 2, 4])]));
  return writeModel(b.build());
}

/** @returns {Promise<{ status: number, body: Buffer }>} */
function ask({ path, method, headers, body }) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname: base.hostname, port: base.port, path, method, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** What is too deep for the library that writes messages is refused by it, and nothing is sent. */
function encoded(parameters) {
  try {
    return encodeMessage(parameters);
  } catch {
    return undefined;
  }
}

const good = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/msgpack' };
const calls = fc
  .constantFrom(...methods)
  .chain((method) => documentsOf([CALLS[method]]).map((parameters) => ({ method, body: () => encoded(parameters) })));
const messages = fc
  .constantFrom(...methods)
  .chain((method) => mutantsOf([encodeMessage(CALLS[method])]).map((changed) => ({ method, body: () => changed })));
const requests = fc.record({
  path: fc.oneof(
    fc.constantFrom('/', '/api/exchange', '/api/call/', '/api/call/about', '/api/nothing', '/api/call/%00', '/%'),
    fc.webPath(),
  ),
  verb: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'),
  headers: fc.dictionary(
    fc.constantFrom('Host', 'Origin', 'Authorization', 'Content-Type', 'Sec-Fetch-Site', 'Cookie', 'Expect', 'Range'),
    fc.oneof(
      fc.constantFrom('', 'null', base.host, base.origin, `Bearer ${token}`, 'application/msgpack', 'cross-site', '*'),
      fc.base64String(),
    ),
  ),
  body: fc.oneof(mutantsOf([encodeMessage({ code: 'x'.repeat(43) })]), fc.uint8Array({ maxLength: 2000 })),
});
const pupils = fc.constantFrom(...PUPIL).chain(([path, fields]) =>
  fc
    .oneof(
      documentsOf([fields]).map((one) => encoded(one)),
      mutantsOf([encodeMessage(fields)]),
    )
    .map((body) => ({
      path: `/api/class/${path}`,
      verb: 'POST',
      headers: { 'Content-Type': 'application/msgpack' },
      body,
    })),
);
const any = fc.oneof(
  { arbitrary: calls, weight: 4 },
  { arbitrary: pupils, weight: 2 },
  { arbitrary: messages, weight: 2 },
  { arbitrary: requests, weight: 2 },
);

const loaded = await ask({
  path: '/api/call/models.load',
  method: 'POST',
  headers: good,
  body: encoded({ name: 'g.onnx', bytes: tinyGenerator(), card: { kind: 'generator', range: [-1, 1] } }),
});
if (loaded.status !== 200) throw new Error(`The generator is refused: ${decodeMessage(loaded.body).error}`);

// Some of the calls close it again.
const opened = await ask({
  path: '/api/call/class.open',
  method: 'POST',
  headers: good,
  body: encoded({ quiz: 'class', model, seed: 1, questions: 2, kinds: ['real'] }),
});
if (opened.status !== 200) throw new Error(`No quiz is opened: ${decodeMessage(opened.body).error}`);

await fuzz('calls and requests', any, async ({ method, body, path, verb, headers }) => {
  const { status, body: told } = await (method === undefined
    ? ask({ path: path || '/', method: verb, headers, body: verb === 'POST' || verb === 'PUT' ? body : undefined })
    : ask({ path: `/api/call/${method}`, method: 'POST', headers: good, body: body() }));
  if (status === 200) return true;
  if (status >= 500) throw new Error(`${method ?? path} answers ${status}: ${told}`);
  if (told.length === 0) return `${status}`;
  // Text for people where there is nothing, messages everywhere else.
  return status === 404 && method === undefined ? told.toString().trim() : decodeMessage(told).error;
});
await studio.close();
rmSync(folder, { recursive: true, force: true });
