import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CampaignResult } from '@pareidolia/lab';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digests } from '../../../../../tests/support/command.ts';
import { writeTinyNetwork } from '../../../../../tests/support/networks.ts';
// The compiled one, since its threads run compiled code.
import { fool } from '../../../dist/fool/fool.js';
import { attack } from '../../attack/attack.ts';
import { mergeCampaigns } from './merge.ts';
import { type StartRequest, startCampaign } from './start.ts';

// Models of tests are no strangers'.
process.env.PAREIDOLIA_TRUST_MODELS = '1';

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-campaign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
writeTinyNetwork(path('one.onnx'), { classes: 10, side: 28 });
writeTinyNetwork(path('two.onnx'), { classes: 4, seed: 2 });
writeFileSync(
  path('plan.yaml'),
  `name: small
models: [one.onnx, { file: two.onnx, name: second }]
searches:
  - { models: one, encodings: [cppn, direct], seeds: [5], generations: 11, batch: 16, epoch: 4 }
  - { models: second, encodings: direct, seeds: 1-3, generations: 8, batch: 8, epoch: 3, share: 3 }
  - { models: second, emitters: gradient-ascent, generations: 12, seeds: [2], epoch: 5, settings: { starts: 1 } }
attacks:
  - { models: one, attacks: [pgd, square], epsilons: [0.05, 0.1], data: digits, limit: 12, budgets: 40, batch: 4 }
`,
);

vi.setConfig({ testTimeout: 600_000 });

const never = new AbortController().signal;
const quiet = { step: () => {}, begin: () => {}, notice: () => {}, progress: () => {} };

async function start(out: string, change: Partial<StartRequest> = {}): Promise<CampaignResult> {
  const request = { plan: path('plan.yaml'), out: path(out), resume: false, threads: 1, ...change };
  return (await startCampaign(request, never, quiet)).result!;
}

const merge = (folders: readonly string[], out: string, notice: (text: string) => void = () => {}) =>
  mergeCampaigns({ folders: folders.map(path), out: path(out), allowMixed: false, threads: 1 }, never, {
    step: () => {},
    notice,
  });

/** Images by the names of their files. */
function images(of: string): Record<string, string> {
  return Object.fromEntries(Object.entries(digests(path(of))).filter(([file]) => file.endsWith('.png')));
}

describe('a campaign', () => {
  let alone: CampaignResult;
  beforeAll(async () => {
    alone = await start('alone', { local: 1 });
  }, 600_000);

  it('finds what a search by itself finds, image for image', async () => {
    expect(alone).toMatchObject({ complete: true, archive: expect.stringMatching(/^[0-9a-f]{64}$/), failures: {} });
    const observer = { begin: () => {}, progress: () => {}, notice: () => {}, finishing: () => {} };
    for (const encoding of ['cppn', 'direct']) {
      const own = {
        model: path('one.onnx'),
        encoding,
        emitter: 'mutation',
        seed: 5,
        generations: 11,
        batch: 16,
        out: path(encoding),
      };
      const ended = await fool({ ...own, resume: false, threads: 1, checkpointEvery: 60 }, never, observer);
      if (!ended.done) throw new Error('it was not stopped');
      const { median, worst, evaluations } = ended.result;
      const name = `one-${encoding}-mutation`;
      expect(images(`alone/searches/${name}/elites`)).toEqual(images(`${encoding}/elites`));
      expect(alone.searches.find((search) => search.name === name)).toMatchObject({ median, worst, evaluations });
    }
  });

  it('finds what an attack by itself finds', async () => {
    const given = {
      model: path('one.onnx'),
      attack: 'square',
      epsilon: '0.05,0.1',
      data: 'digits',
      limit: 12,
      budget: 40,
      batch: 4,
    };
    const observer = {
      reading: () => {},
      trying: () => {},
      begin: () => {},
      notice: () => {},
      progress: () => {},
      finished: () => {},
    };
    const { summaries } = await attack(
      { given, seed: 1, out: path('square'), resume: false, threads: 1 },
      never,
      observer,
    );
    const timeless = (all: readonly { readonly seconds: number }[]) => all.map(({ seconds: _, ...rest }) => rest);
    const own = alone.attacks.find(({ name }) => name === 'one-square')!;
    expect(timeless(own.summaries)).toEqual(timeless(summaries));
    expect(images('alone/attacks/one-square/images/square/0.1')).toEqual(images('square/images/square/0.1'));
  });

  it('keeps only those states that something goes on from, and the last ones', () => {
    const lines = readFileSync(path('alone/journal.jsonl'), 'utf8').trimEnd().split('\n');
    const objects = new Map(lines.map((line) => [JSON.parse(line).key, JSON.parse(line).result.object]));
    const isKept = (epoch: number): boolean => {
      const hash = objects.get(`second-direct-mutation/share-0/seed-1/epoch-${epoch}`);
      return existsSync(path(`alone/objects/${hash.slice(0, 2)}/${hash}`));
    };
    expect([0, 1, 2].map(isKept)).toEqual([false, true, true]);
  });

  it('has the same hash in parts, merged in any order, and merged again', async () => {
    for (const index of [1, 2])
      expect(await start(`part-${index}`, { shard: { index, of: 2 } })).toMatchObject({
        complete: false,
        archive: null,
      });
    const half = await merge(['part-2'], 'half');
    expect(half.result).toMatchObject({ complete: false, archive: null });
    const notices: string[] = [];
    const whole = await merge(['half', 'part-1', 'part-2', 'plan.yaml'], 'whole', (notice) => notices.push(notice));
    expect(notices).toEqual([`${path('plan.yaml')} is no folder of a campaign, so it is left out`]);
    expect(whole.result).toMatchObject({ complete: true, archive: alone.archive, mixedHardware: false });
    expect(readdirSync(path('whole'))).toEqual(expect.arrayContaining(['report.html', 'searches', 'attacks']));
  }, 600_000);

  it('of emitters that keep notes on elites goes on after exchanges, to the same hash by two processes', async () => {
    writeFileSync(
      path('exchange.yaml'),
      `name: exchange
models: [{ file: two.onnx, name: second }]
searches:
  - { encodings: cppn, emitters: [auto, cppn-gradient], seeds: 1-3, generations: 12, batch: 8, epoch: 3 }
  - { encodings: direct, emitters: auto, seeds: 1-3, generations: 12, batch: 8, epoch: 3 }
`,
    );
    const one = await start('exchange-one', { plan: path('exchange.yaml'), local: 1 });
    expect(one).toMatchObject({ complete: true, failures: {} });
    expect(one.searches.map(({ name }) => name)).toEqual([
      'second-cppn-auto',
      'second-cppn-cppn-gradient',
      'second-direct-auto',
    ]);
    expect(await start('exchange-two', { plan: path('exchange.yaml'), local: 2 })).toMatchObject({
      complete: true,
      archive: one.archive,
    });
  }, 600_000);

  it('is not merged where its journal is damaged', async () => {
    const journal = path('part-1/journal.jsonl');
    const text = readFileSync(journal, 'utf8');
    writeFileSync(journal, text.replace(/"object":"[0-9a-f]{64}"/, `"object":"${'f'.repeat(64)}"`));
    await expect(merge(['part-1', 'part-2'], 'forged')).rejects.toThrow('journal.jsonl, line 1 is damaged');
    writeFileSync(journal, text);
    expect(existsSync(path('forged'))).toBe(false);
  });
});

describe('a plan that cannot be carried out', () => {
  it.each<[string, string, string]>([
    [
      'an unknown setting',
      'models: [one.onnx]\nsearches:\n  - settings: { x: 1 }\n',
      'bad.yaml, line 3: searches.0: There is no setting x',
    ],
    ['a model that is not there', 'models: [three.onnx]\naudits: [{}]\n', 'bad.yaml, line 1: models.0: The model '],
    ['another hash', `models: [{ file: one.onnx, sha256: ${'a'.repeat(64)} }]\naudits: [{}]\n`, 'one.onnx has SHA-256'],
    [
      'an endpoint',
      'models: ["https://host/v2/models/x"]\naudits: [{}]\n',
      'since nobody can know that it answers each worker',
    ],
    [
      'queries for each epsilon, and no epsilon',
      'models: [one.onnx]\nattacks:\n  - { attacks: square, data: digits, eachEpsilon: true }\n',
      'bad.yaml, line 3: attacks.0: eachEpsilon belongs to epsilons',
    ],
    [
      'an unknown model in an entry',
      'models: [one.onnx]\naudits: [{ models: two }]\n',
      'bad.yaml, line 2: audits.0.models: names two, the plan has one',
    ],
    [
      'two models of one name',
      'models: [one.onnx, { file: two.onnx, name: one }]\naudits: [{}]\n',
      'bad.yaml, line 1: models.1: Two models of the plan are called one',
    ],
    [
      'images of another size',
      'models: [two.onnx]\nattacks:\n  - { attacks: pgd, data: digits }\n',
      'bad.yaml, line 3: attacks.0: ',
    ],
  ])('for %s says so, and nothing is written', async (_, plan, message) => {
    writeFileSync(path('bad.yaml'), plan);
    await expect(start('bad', { plan: path('bad.yaml') })).rejects.toThrow(message);
    expect(existsSync(path('bad'))).toBe(false);
  });
});
