import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CampaignResult } from '@pareidolia/lab';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { digests } from '../../../../../tests/support/command.ts';
import { splitWeights, tinyNetwork } from '../../../../../tests/support/networks.ts';
import { findRedis, type Server, startRedis } from '../../../../../tests/support/servers.mjs';
import { smallGenerator } from '../../../../core/src/testing/small-generator.ts';
// The compiled one, since its threads run compiled code.
import { fool } from '../../../dist/fool/fool.js';
import { sha256 } from '../../job/hash.ts';
import { parseResolvedPlan } from '../plan/resolved-plan.ts';
import { openCampaignQueue } from '../queue/open-queue.ts';
import { QueueFixture } from '../testing/queue-fixture.ts';
import { ProcessExecutor } from '../worker/executor.ts';
import { type StartOutcome, type StartRequest, startCampaign } from './start.ts';

// Models of tests are no strangers'.
process.env.PAREIDOLIA_TRUST_MODELS = '1';
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-networks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const write = (name: string, bytes: Uint8Array | string): void => writeFileSync(path(name), bytes);

/** A network in one file, and the same with its first weights beside it. */
function writeBoth(name: string, model: Uint8Array): void {
  write(`${name}.onnx`, model);
  const split = splitWeights(model, `${name}-split.onnx.data`);
  write(`${name}-split.onnx`, split.model);
  write(`${name}-split.onnx.data`, split.weights);
}

writeBoth('net', tinyNetwork());
writeBoth('gen', smallGenerator(3, 8));
const card = JSON.stringify({ kind: 'generator', latentDistribution: 'normal', range: [-1, 1] });
for (const name of ['gen', 'gen-split']) write(`${name}.card.json`, card);

const hashOf = (name: string): string => sha256(readFileSync(path(name)));
const plan = (network: string, generator: string): string => `name: same
models: [{ file: ${network}, name: net }]
generators: [{ file: ${generator}, name: gen }]
searches:
  - { encodings: [direct, latent], seeds: [3], generations: 8, batch: 8, epoch: 3 }
`;
write('whole.yaml', plan('net.onnx', 'gen.onnx'));
write('split.yaml', plan('net-split.onnx', 'gen-split.onnx'));

const never = new AbortController().signal;
const quiet = { step: () => {}, begin: () => {}, notice: () => {}, progress: () => {} };

function start(out: string, file: string, change: Partial<StartRequest> = {}): Promise<StartOutcome> {
  const request = { plan: path(file), out: path(out), resume: false, threads: 1, local: 1, ...change };
  return startCampaign(request, never, quiet);
}

function images(of: string): Record<string, string> {
  return Object.fromEntries(Object.entries(digests(path(of))).filter(([file]) => file.endsWith('.png')));
}

describe('networks of a campaign', () => {
  let whole: CampaignResult;
  beforeAll(async () => {
    whole = (await start('whole', 'whole.yaml')).result!;
  });

  it('with files of weights find what they find in one file, and travel by the hashes of all files', async () => {
    const { result } = await start('split', 'split.yaml');
    expect(result).toMatchObject({ complete: true, archive: whole.archive, failures: {} });
    expect(result!.plan).not.toBe(whole.plan);
    for (const { folder: own } of whole.searches) {
      expect(images(`split/${own}/elites`)).toEqual(images(`whole/${own}/elites`));
    }
    const resolved = parseResolvedPlan(new Uint8Array(readFileSync(path('split/plan.json')))).plan;
    for (const [network, name] of [
      [resolved.models[0]!, 'net'],
      [resolved.generators![0]!, 'gen'],
    ] as const) {
      expect(network.sha256).toBe(hashOf(`${name}-split.onnx`));
      const location = `${name}-split.onnx.data`;
      const size = readFileSync(path(location)).length;
      expect(network.weights).toEqual([{ location, sha256: hashOf(location), size }]);
    }
    const { inputs } = JSON.parse(readFileSync(path('split/config.json'), 'utf8'));
    expect(inputs['generator gen weights gen-split.onnx.data'].sha256).toBe(hashOf('gen-split.onnx.data'));
  });

  it('that make images of latents find what a search by itself finds, image for image', async () => {
    const observer = { begin: () => {}, progress: () => {}, notice: () => {}, finishing: () => {} };
    const request = {
      model: path('net.onnx'),
      generator: path('gen.onnx'),
      emitter: 'mutation',
      seed: 3,
      generations: 8,
      batch: 8,
      out: path('fool'),
      resume: false,
      threads: 1,
      checkpointEvery: 60,
    };
    const ended = await fool(request, never, observer);
    if (!ended.done) throw new Error('it was not stopped');
    const { median, worst, evaluations } = ended.result;
    const own = whole.searches.find(({ encoding }) => encoding === 'latent');
    expect(own).toMatchObject({ name: 'net-latent-gen-mutation', generator: 'gen', median, worst, evaluations });
    expect(images('whole/searches/net-latent-gen-mutation/elites')).toEqual(images('fool/elites'));
  });

  describe.skipIf(findRedis() === undefined)('through Redis', () => {
    const fixture = new QueueFixture();
    let server: Server;
    beforeAll(async () => {
      server = await startRedis();
    });
    afterEach(() => fixture.end());
    afterAll(async () => {
      fixture.remove();
      await server?.stop();
    });
    const openQueue: StartRequest['openQueue'] = (onTrouble) =>
      openCampaignQueue(server.url, { onTrouble, environment: {} });
    const working = (cache: string) =>
      fixture.working(server.url, { executor: new ProcessExecutor(1), cache: path(cache), lockSeconds: 30 });

    it('reach a worker with all of their files, and find the same', async () => {
      const worker = working('cache');
      const { result } = await start('queued', 'split.yaml', { openQueue });
      expect(result).toMatchObject({ complete: true, archive: whole.archive, failures: {} });
      await worker.stop();
    });

    it('are not run where a file of weights, or a generator, is another one', async () => {
      const client = new Redis(server.url);
      const stop = new AbortController();
      const altered = ['net-split.onnx.data', 'gen-split.onnx'];
      let worker: ReturnType<typeof working> | undefined;
      const outcome = await startCampaign(
        { plan: path('split.yaml'), out: path('altered'), resume: false, threads: 1, openQueue },
        stop.signal,
        {
          ...quiet,
          // Units are given away by then, and nobody has begun one.
          progress: ({ outstanding }) => {
            if (worker !== undefined || outstanding < 2) return;
            for (const name of altered) void client.set(`pareidolia:objects:${hashOf(name)}`, 'other bytes');
            worker = working('other-cache');
          },
        },
      );
      client.disconnect();
      expect(outcome.ending).toBe('incomplete');
      const why = [...outcome.failures.values()];
      expect(why).toHaveLength(2);
      for (const sentence of why)
        expect(sentence).toMatch(/has other bytes under [0-9a-f]{12}\.\.\. .* so they are not used$/);
      await worker?.stop();
    });
  });
});

describe('networks that are fetched', () => {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(path(request.url!.slice(1))));
    } catch {
      response.writeHead(404).end();
    }
  });
  let address: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  const fetched = (name: string, weights: string): string =>
    `{ file: ${address}/${name}-split.onnx, name: ${name}, sha256: ${hashOf(`${name}-split.onnx`)}${weights} }`;
  const withWeights = (name: string): string =>
    fetched(name, `, weights: { ${name}-split.onnx.data: ${hashOf(`${name}-split.onnx.data`)} }`);
  const written = (model: string, generator: string): string =>
    `name: same\nmodels:\n  - ${model}\ngenerators:\n  - ${generator}\nsearches:\n  - { encodings: latent, seeds: [3], generations: 8, batch: 8, epoch: 3 }\n`;

  it('are fetched with their files of weights, each of which has its hash', async () => {
    const options = ', latentDistribution: normal, range: [-1, 1] }';
    write('fetched.yaml', written(withWeights('net'), withWeights('gen').replace(/ }$/, options)));
    const { result } = await start('fetched', 'fetched.yaml');
    const [own] = result!.searches;
    expect(result).toMatchObject({ complete: true, failures: {} });
    expect(images(`fetched/${own!.folder}/elites`)).toEqual(images('whole/searches/net-latent-gen-mutation/elites'));
  });

  it.each<[string, () => string, RegExp]>([
    [
      'lack the hash of a file of weights',
      () => written(fetched('net', ''), withWeights('gen')),
      /bad\.yaml, line 3: models\.0: net-split\.onnx has weights in net-split\.onnx\.data; give its SHA-256 under weights/,
    ],
    [
      'have another file of weights',
      () => written(withWeights('net'), fetched('gen', `, weights: { gen-split.onnx.data: ${'a'.repeat(64)} }`)),
      /bad\.yaml, line 5: generators\.0: .*\/gen-split\.onnx\.data has SHA-256 [0-9a-f]{12}\.\.\., and the plan wants aaaaaaaaaaaa/,
    ],
    [
      'lack their own hash',
      () => written(withWeights('net'), `${address}/gen.onnx`),
      /bad\.yaml, line 5: generators\.0: .*: give sha256 with a generator that is fetched/,
    ],
  ])('and %s are refused with line and field', async (_, text, message) => {
    write('bad.yaml', text());
    await expect(start('bad', 'bad.yaml')).rejects.toThrow(message);
  });
});

describe('a plan with networks that cannot be used', () => {
  const three = 'models: [net.onnx]\ngenerators: [gen.onnx]\nsearches:\n  - ';
  it.each<[string, string, string]>([
    [
      'no generator for latents',
      'models: [net.onnx]\nsearches:\n  - seeds: 1\n    encodings: latent\n',
      'bad.yaml, line 3: searches.0: the encoding latent makes images by a generator, and the plan has none; list its file under generators',
    ],
    [
      'a generator that it does not list',
      `${three}seeds: 1\n    generators: other\n`,
      'bad.yaml, line 5: searches.0.generators: names other, the plan has gen; name one of these',
    ],
    [
      'a generator for an encoding without one',
      `${three}{ encodings: direct, generators: gen }\n`,
      'bad.yaml, line 4: searches.0: generators belong to the encoding latent, and encodings names direct',
    ],
    [
      'two generators of one name',
      'models: [net.onnx]\ngenerators:\n  - gen.onnx\n  - { file: gen-split.onnx, name: gen }\naudits: [{}]\n',
      'bad.yaml, line 4: generators.1: Two generators of the plan are called gen',
    ],
    [
      'a classifier as generator',
      'models: [net.onnx]\ngenerators:\n  - net.onnx\naudits: [{}]\n',
      'bad.yaml, line 3: generators.0: net.onnx is no generator',
    ],
    [
      'weights that a model has not',
      `models:\n  - file: net.onnx\n    weights: { net.data: ${'a'.repeat(64)} }\naudits: [{}]\n`,
      'bad.yaml, line 2: models.0: weights names net.data, where net.onnx has none; leave it out',
    ],
    [
      'weights with another hash',
      `models:\n  - file: net-split.onnx\n    weights: { net-split.onnx.data: ${'a'.repeat(64)} }\naudits: [{}]\n`,
      'bad.yaml, line 2: models.0: net-split.onnx.data has SHA-256',
    ],
    [
      'weights outside its folder',
      `models:\n  - file: net.onnx\n    weights: { ../net.data: ${'a'.repeat(64)} }\naudits: [{}]\n`,
      'bad.yaml, line 3: models.0.weights.../net.data: a file of weights is named as in the model',
    ],
    [
      'weights that are not there',
      'models:\n  - lost.onnx\naudits: [{}]\n',
      'bad.yaml, line 2: models.0: lost.onnx: Tensor first lies outside the model file, in lost.onnx.data',
    ],
  ])('%s: says so with line and field, and nothing is written', async (_, text, message) => {
    write('lost.onnx', splitWeights(tinyNetwork(), 'lost.onnx.data').model);
    write('bad.yaml', text);
    await expect(start('bad', 'bad.yaml')).rejects.toThrow(message);
  });
});
