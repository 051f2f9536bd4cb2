import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  attackImages,
  boundary,
  type Images,
  InputError,
  type ModelCardInput,
  OnnxClassifier,
  parseCard,
  Random,
  ServiceError,
  square,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadTestData } from '../data/datasets.ts';
import { type Fault, type ModelServer, type ServerOptions, startModelServer } from '../testing/model-server.ts';
import { readAddress } from './address.ts';
import { openEndpoint } from './open-endpoint.ts';
import type { EndpointOptions } from './options.ts';

const require = createRequire(import.meta.url);
const asset = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(require.resolve(`@pareidolia/core/assets/${name}`)));

let local: OnnxClassifier;
let server: ModelServer;
let digits: Images;
let labels: Int32Array;
beforeAll(async () => {
  const card = parseCard(JSON.parse(new TextDecoder().decode(asset('lenet-digits.card.json'))));
  local = await OnnxClassifier.load(asset('lenet-digits.onnx'), {
    card,
    runtime: nodeRuntime(),
    device: 'cpu',
    where: 'local',
  });
  server = await startModelServer();
  ({ images: digits, labels } = await loadTestData('digits', 1, 24));
});
afterAll(async () => {
  await server.close();
  await local.dispose();
});
const others: ModelServer[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});

async function start(options: ServerOptions): Promise<ModelServer> {
  const other = await startModelServer(options);
  others.push(other);
  return other;
}

const open = (url: string, card: ModelCardInput = {}, options: EndpointOptions = {}) =>
  openEndpoint({ address: readAddress(url, {}), card: parseCard(card), options, environment: {} });

const NAMES = Array.from({ length: 10 }, (_, digit) => `digit ${digit}`);
const IMAGE: ModelCardInput = { color: 'grey', height: 28, width: 28 };
const CLASSIFY: ModelCardInput['endpoint'] = {
  json: { images: [{ data: '{{png}}' }] },
  batch: 8,
  each: 'results',
  scores: 'predictions[*].probability',
  names: 'predictions[*].tagName',
};

/** Digits, and noise. */
function pictures(): Images {
  const random = Random.stream(3);
  const data = digits.data.slice();
  for (let i = data.length / 2; i < data.length; i++) data[i] = Math.floor(256 * random.uniform());
  return { ...digits, data };
}

describe('the digit network behind', () => {
  it.each<readonly [string, string, ModelCardInput]>([
    ['protocol v2', '/v2/models/digits', {}],
    ['protocol v2, a version of it', '/v2/models/digits/versions/3', {}],
    ['protocol v2, with probabilities', '/v2/models/certain', {}],
    ['TensorFlow Serving, with channels last', '/v1/models/digits:predict', {}],
    ['TensorFlow Serving without metadata, by the card', '/v1/models/bare:predict', IMAGE],
    ['TensorFlow Serving with answers in columns', '/v1/models/columnar:predict', IMAGE],
    ['an API with PNG in base64, batches and classes in another order', '/classify', { ...IMAGE, endpoint: CLASSIFY }],
    [
      'an API with data URLs',
      '/classify',
      { ...IMAGE, endpoint: { ...CLASSIFY, json: { images: [{ data: '{{dataUrl}}' }] }, batch: 1 } },
    ],
    [
      'an API with forms and an object of scores',
      '/upload',
      { ...IMAGE, endpoint: { multipart: { file: 'image', fields: { lang: 'en' } }, scores: 'scores' } },
    ],
    [
      'an API with numbers',
      '/v1/models/bare:predict',
      {
        ...IMAGE,
        layout: 'NHWC',
        endpoint: { json: { instances: ['{{numbers}}'] }, batch: 32, each: 'predictions', scores: '$' },
      },
    ],
  ])('%s says what the network itself says', async (_, path, card) => {
    const { classifier } = await open(`${server.url}${path}`, card);
    const images = pictures();
    const [remote, own] = [await classifier.predict(images), await local.predict(images)];
    expect(remote.numClasses).toBe(10);
    const far = remote.data.findIndex((score, i) => !(Math.abs(score - own.data[i]!) < 1e-5));
    expect({ far, score: remote.data[far], own: own.data[far] }).toEqual({ far: -1, score: undefined, own: undefined });
    expect(classifier.answers).toBeUndefined();
  });

  it('an API that lists three classes has those as they are, and the others below them', async () => {
    const card = { ...IMAGE, classNames: NAMES, endpoint: CLASSIFY };
    const { classifier } = await open(`${server.url}/classify?top=3`, card);
    expect(classifier.reading.why).toContain('lists only the likeliest classes');
    const images = pictures();
    const [remote, own] = [await classifier.predict(images), await local.predict(images)];
    for (let row = 0; row < images.count; row++) {
      const [told, true_] = [remote, own].map(({ data }) => data.subarray(10 * row, 10 * row + 10));
      const best = [...true_!.keys()].sort((a, b) => true_![b]! - true_![a]!);
      for (const k of best.slice(0, 3)) expect(told![k]).toBeCloseTo(true_![k]!, 5);
      for (const k of best.slice(3)) expect(told![k]).toBeLessThanOrEqual(told![best[2]!]!);
    }
  });

  it('an API that tells labels is a classifier of decisions', async () => {
    const card = { ...IMAGE, classNames: NAMES, endpoint: { png: true as const, label: 'result.class' } };
    const { classifier } = await open(`${server.url}/label`, card);
    expect(classifier.answers).toBe('labels');
    const { data } = await classifier.predict(digits);
    const own = await local.predict(digits);
    for (let row = 0; row < digits.count; row++) {
      const [told, true_] = [data, own.data].map((all) => [...all.subarray(10 * row, 10 * row + 10)]);
      expect(told!.map(Boolean)).toEqual(true_!.map((score) => score === Math.max(...true_!)));
    }
  });

  it('a server that takes four images at a time', async () => {
    const { url } = await start({ fixedBatch: 4 });
    const { classifier } = await open(`${url}/v2/models/digits`);
    const few: Images = { ...digits, count: 6, data: digits.data.subarray(0, 6 * 784) };
    const [remote, own] = [await classifier.logits(few), await local.logits(few)];
    expect([...remote.data]).toEqual([...own.data].map((logit) => expect.closeTo(logit, 4)));
  });
});

describe('black-box attacks on an endpoint', () => {
  it.each([square, boundary])('find what they find on the network itself: $name', async (attack) => {
    const { classifier } = await open(`${server.url}/v2/models/digits`);
    const few: Images = { ...digits, count: 3, data: digits.data.subarray(0, 3 * 784) };
    const run = (model: OnnxClassifier | typeof classifier) =>
      attackImages(model, attack, few, labels.subarray(0, 3), {
        ...(attack.kind === 'fixed' ? { epsilons: [0.2] } : {}),
        seed: 1,
        batch: 8,
        budget: 300,
        quantize: true,
      });
    const [remote, own] = [await run(classifier), await run(local)];
    const told = (results: typeof own) =>
      results.map(({ success, decision, queries }) => ({ success, decision, queries }));
    expect(told(remote)).toEqual(told(own));
    expect(remote.some(({ success }) => success)).toBe(true);
  });
});

describe('what an endpoint should not answer', () => {
  /** Good answers to the first questions, the fault from then on. */
  const later = (fault: Fault) => (request: number) => (request < 2 ? undefined : fault);

  it.each<readonly [Fault, string]>([
    ['garbage', 'answers with what is not JSON: "<html>it works</html>"'],
    ['not a number', 'answers with what is not JSON, which has no NaN and no Infinity'],
    ['wrong shape', 'gives 10 numbers in the shape [3, 7] for 24 images'],
    ['fewer classes', 'gives 9 scores for an image, and gave 10 before'],
    ['not json', 'answers with an object with outputs, predictions instead of outputs'],
    ['broken', 'answers 500 when asked for 24 images: "{"error":"out of memory"}"'],
    ['half a body', 'breaks the connection off'],
  ])('is told in a sentence that names it: %s', async (fault, message) => {
    const { url } = await start({ fault: later(fault) });
    const { classifier } = await open(`${url}/v2/models/digits`, {}, { retries: 0 });
    const error: Error = await classifier.predict(digits).then(
      () => new Error('none'),
      (thrown: Error) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    // What no other question would mend is told apart from answers to this one.
    expect(error instanceof ServiceError).toBe(['broken', 'half a body'].includes(fault));
    expect(error.message).toContain(`${url}/v2/models/digits ${message}`);
  });

  it('is an image that it refuses, which is counted', async () => {
    const { url } = await start({ fault: (request) => (request === 8 ? 'forbidden' : undefined) });
    const { classifier, account } = await open(
      `${url}/v2/models/digits`,
      {},
      { endpointBatch: 1, concurrency: 1, cost: 2 },
    );
    const { data } = await classifier.predict(digits);
    // Five probe images, one of them once more, and then the digits.
    expect([...data.subarray(20, 30)]).toEqual(new Array(10).fill(Math.fround(0.1)));
    expect(account.sentence()).toMatch(
      /has answered \d+ queries, each an image, of which 1 was flagged or blocked; at 2 for/,
    );
    expect(data.every(Number.isFinite)).toBe(true);
  });

  it('is a flag in its own words, which is counted, and its scores stand', async () => {
    const endpoint = { ...CLASSIFY, flagged: { path: 'moderation.blocked', value: true } };
    const { classifier, account } = await open(`${server.url}/classify`, { ...IMAGE, endpoint });
    const { data } = await classifier.predict(digits);
    const own = await local.predict(digits);
    expect(data.every((score, i) => Math.abs(score - own.data[i]!) < 1e-5)).toBe(true);
    // The server flags what it takes for a 1.
    const ones = Array.from({ length: digits.count }, (_, row) => own.data[10 * row + 1]!).filter(
      (score) => score > 0.5,
    );
    expect(ones.length).toBeGreaterThan(0);
    const [, flagged] = /of which (\d+) were flagged/.exec(account.sentence()) ?? [];
    expect(Number(flagged)).toBeGreaterThanOrEqual(ones.length);
  });
});

describe('a budget of queries', () => {
  it('is not exceeded, and what is asked beyond it is refused before it is sent', async () => {
    const other = await start({});
    const { classifier } = await open(`${other.url}/v2/models/digits`, {}, { queryBudget: 20 });
    const before = other.asked.length;
    await expect(classifier.predict(digits)).rejects.toThrow(
      /may be asked about 20 images, and \d+ were; go on with --resume/,
    );
    expect(other.asked.length).toBe(before);
  });
});
