import { readFileSync } from 'node:fs';
import { OnnxClassifier, openSearch, parseCard, queryBudget, type Recordable, resolveSearch } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditOptions, audit } from '../audit.ts';
import type { AuditedClassifier } from '../bench.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { SEARCHES, searchPlan, stepsOfAscent } from '../searches/searches.ts';
import { searchCheck } from './search.ts';

const asset = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../../core/assets/${name}`, import.meta.url)));

let digits: OnnxClassifier;
beforeAll(async () => {
  const card = parseCard(JSON.parse(new TextDecoder().decode(asset('lenet-digits.card.json'))));
  const options = { card, runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'lenet-digits.onnx' } as const;
  digits = await OnnxClassifier.load(asset('lenet-digits.onnx'), options);
});
afterAll(() => digits.dispose());

/** How commands name the network. */
const MODEL = { name: 'a.onnx', kind: 'file', sha256: '', facts: [], words: "--model 'my a.onnx' --mean 0.5" } as const;

async function run(classifier: AuditedClassifier, options: AuditOptions = {}): Promise<AuditResult> {
  const { result } = await audit(classifier, { checks: [searchCheck], model: MODEL, ...options });
  return AUDIT_RESULT.parse(result);
}

const figure = ({ figures }: AuditResult, id: string): AuditResult['figures'][number] =>
  figures.find((each) => each.id === id)!;
const finding = ({ findings }: AuditResult, search: string): AuditResult['findings'][number] =>
  findings.find(({ ruleId }) => ruleId === `PAR-S001/${search}`)!;

/** Three classes of an 8 x 8 image, equally likely whatever it shows. */
const flat = (changes: Partial<AuditedClassifier> = {}): AuditedClassifier => ({
  shape: { channels: 1, height: 8, width: 8 },
  numClasses: 3,
  classNames: ['a', 'b', 'c'],
  where: 'flat',
  noGradient: 'it is a rule',
  predict: async ({ count }) => ({ count, numClasses: 3, data: new Float32Array(3 * count).fill(1 / 3) }),
  logits: () => Promise.reject(new Error('not asked')),
  gradient: () => Promise.reject(new Error('not asked')),
  ...changes,
});

describe('images made for the embedded network', () => {
  let result: AuditResult;
  beforeAll(async () => {
    result = await run(digits);
  }, 600_000);

  it('are accepted for all of its classes, by each search', () => {
    for (const { name } of SEARCHES) {
      expect(figure(result, `searched.${name}`).counted).toEqual({ hits: 10, of: 10 });
      expect(finding(result, name)).toMatchObject({ state: 'fail', severity: 'high' });
    }
    expect(figure(result, 'searched').value).toBe(1);
    // One look after ten steps.
    expect(figure(result, 'questions.ascent').value).toBe(11);
  });

  it('have the confidences that are told of them', async () => {
    const { pictures } = await audit(digits, { checks: [searchCheck] });
    expect(result.pictures).toHaveLength(30);
    for (const { id, classIndex, confidence } of result.pictures) {
      const { shape, planes } = pictures.get(id)!;
      const { data } = await digits.predict({ ...shape, count: 1, data: planes });
      expect(data.indexOf(Math.max(...data))).toBe(classIndex);
      expect(data[classIndex!]).toBeCloseTo(confidence!, 5);
    }
  });

  it('come again by the command of the finding', async () => {
    const { command } = finding(result, 'cppn');
    const given = (option: string): number => Number(new RegExp(`--${option} (\\d+)`).exec(command!)![1]);
    const request = { encoding: 'cppn', generations: given('generations'), batch: given('batch') };
    const classIndices = Array.from({ length: 10 }, (_, k) => k);
    expect(command).toContain("npx pareidolia fool --model 'my a.onnx' --mean 0.5 --encoding cppn");
    expect(command).toContain('--classes all');
    const search = openSearch(resolveSearch(request, digits.shape), {
      scorer: digits,
      classIndices,
      seed: given('seed'),
    });
    const { births } = await search.scheduler.step();
    const first = Math.min(...births.filter(({ confidence }) => confidence >= 0.9).map(({ place }) => place + 1));
    const least = figure(result, 'questions.cppn').value!;
    expect(first).toBeLessThanOrEqual(least);
  });

  it('come to the same after a stop', async () => {
    const stored = new Map<string, Recordable>();
    const places = new Map<string, Recordable>();
    let left = 40;
    const unit: AuditOptions['unit'] = async (key, work) => {
      if (!stored.has(key)) {
        const offer = (make: () => Recordable): void => void places.set(key, make());
        stored.set(key, await work({ value: places.get(key), offer }));
      }
      return stored.get(key) as Awaited<ReturnType<typeof work>>;
    };
    const pause = async (): Promise<void> => {
      if (left-- === 0) throw new Error('stopped');
    };
    await expect(run(digits, { unit, pause })).rejects.toThrow('stopped');
    expect(places.size).toBeGreaterThan(0);
    expect(await run(digits, { unit })).toEqual(result);
  });
});

describe('a search without an image', () => {
  it('is inconclusive, never a pass, and says how much was asked', async () => {
    const result = await run(flat());
    const { seeds, questions } = searchPlan({ classifier: flat(), budget: 'quick', seed: 0 });
    expect(figure(result, 'searched')).toMatchObject({ value: 0, state: 'inconclusive' });
    expect(figure(result, 'questions.cppn')).toMatchObject({ value: questions, state: 'inconclusive' });
    expect(figure(result, 'questions.cppn').why).toContain('more than 5,000');
    expect(finding(result, 'cppn')).toMatchObject({ state: 'inconclusive', severity: 'none' });
    expect(finding(result, 'cppn').settles).toContain('More questions');
    expect(result.queries.forward).toBe(2 * seeds.length * questions);
    // Without a gradient there is no ascent.
    expect(figure(result, 'searched.ascent')).toMatchObject({ value: null, state: 'not measured' });
    expect(result.limits).toContain(
      'There is no search by gradient ascent: There is no gradient to climb: it is a rule',
    );
  });

  it('ends where the queries are spent', async () => {
    const result = await run(queryBudget(flat(), 500));
    expect(figure(result, 'searched.cppn')).toMatchObject({ value: 0, state: 'inconclusive' });
    expect(figure(result, 'searched.cppn').why).toContain('answered no more');
    expect(figure(result, 'questions.cppn')).toMatchObject({ value: 500, state: 'inconclusive' });
    expect(figure(result, 'searched.pixels').state).toBe('not measured');
    expect(result.limits.some((limit) => limit.includes('queries were spent'))).toBe(true);
  });
});

it('a classifier that tells only labels is not searched, and costs nothing', async () => {
  const result = await run(flat({ answers: 'labels' }));
  expect(result.queries).toEqual({ forward: 0, backward: 0 });
  expect(result.figures.every(({ state }) => state === 'not measured')).toBe(true);
  expect(result.limits).toEqual([expect.stringContaining('accepted as something with the first question')]);
  expect(new Set(result.findings.filter(({ ruleId }) => ruleId.startsWith('PAR-S')).map(({ state }) => state))).toEqual(
    new Set(['inconclusive']),
  );
});

describe('the plan', () => {
  const plan = (numClasses: number, side: number, seed = 0) =>
    searchPlan({
      classifier: { ...flat(), numClasses, shape: { channels: 3, height: side, width: side } },
      budget: 'standard',
      seed,
    });

  it('draws one class of each group of neighbors, and takes all where they are few', () => {
    const { classes } = plan(1000, 32);
    expect(classes).toHaveLength(50);
    classes.forEach((classIndex, k) => {
      expect(Math.floor(classIndex / 20)).toBe(k);
    });
    expect(plan(1000, 32, 1).classes).not.toEqual(classes);
    expect(plan(7, 32).classes).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('has a seed of its own for each search, and fewer questions about large images', () => {
    expect(new Set([...plan(10, 32).seeds, ...plan(10, 32, 1).seeds]).size).toBe(20);
    expect(plan(10, 32).questions).toBe(20_000);
    // 16,384 of 150,528 values; six seeds are the fewest whose median has an interval at 95 %: 1 - 2 / 2 ** 6 = .97.
    expect(plan(10, 224).questions).toBeCloseTo((9_000 * 16_384) / 150_528, -2);
    expect(plan(10, 224).seeds).toHaveLength(6);
  });

  it('lets all ascents fit into the questions', () => {
    expect(stepsOfAscent(5_000, 10)).toBe(450);
    expect(stepsOfAscent(1e6, 10)).toBe(500);
    expect(stepsOfAscent(10, 10)).toBe(10);
  });
});

describe('classes that an image of nothing may rightly have', () => {
  /** Certain of its second class, whatever it is shown. */
  const certain = (classNames: readonly string[]): AuditedClassifier => {
    const numClasses = classNames.length;
    return flat({
      numClasses,
      classNames,
      predict: async ({ count }) => {
        const data = Float32Array.from({ length: count * numClasses }, (_, i) => (i % numClasses === 1 ? 1 : 0));
        return { count, numClasses, data };
      },
    });
  };

  it('are not searched where their names say so', () => {
    const bench = { budget: 'quick', seed: 1, classifier: certain(['person', 'no person', 'background']) } as const;
    expect(searchPlan(bench).classes).toEqual([0]);
  });

  it('leave the finding open where two classes have no names', async () => {
    const unnamed = await run(certain(['class 0', 'class 1']));
    expect(figure(unnamed, 'searched.cppn')).toMatchObject({ counted: { hits: 1, of: 2 }, state: 'inconclusive' });
    expect(finding(unnamed, 'cppn')).toMatchObject({ state: 'inconclusive', settles: 'Names of the classes' });
    const named = await run(certain(['cat', 'dog']));
    expect(finding(named, 'cppn')).toMatchObject({ state: 'fail' });
  });
});

it('findings come without a command where nothing says how one names the model', async () => {
  const { result } = await audit(digits, { checks: [searchCheck] });
  expect(finding(result, 'cppn').command).toBeNull();
}, 600_000);
