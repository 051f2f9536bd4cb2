import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readModel } from '@pareidolia/autodiff';
import {
  drawDigits,
  GARBAGE,
  gatherCard,
  type Images,
  InputError,
  metered,
  OnnxClassifier,
  queryBudget,
  type Recordable,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { describe, expect, it } from 'vitest';
import { scriptedClassifier } from '../../testing/scripted-classifier.ts';
import { type AuditOptions, audit } from '../audit.ts';
import type { AuditedClassifier, RealImages } from '../bench.ts';
import { nothingClasses } from '../garbage/nothing-classes.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { garbageCheck } from './garbage.ts';

const TEN = [...'0123456789'];

const batch = (images: Images, origin = 'real'): RealImages => ({
  origin,
  images,
  names: Array.from({ length: images.count }, (_, i) => `${i}`),
});

/** 8 x 8 images, each of one grey. */
const plain = (...levels: readonly number[]): Images => ({
  channels: 1,
  height: 8,
  width: 8,
  count: levels.length,
  data: Uint8Array.from({ length: 64 * levels.length }, (_, i) => levels[Math.floor(i / 64)]!),
});

const run = async (classifier: AuditedClassifier, options: AuditOptions = {}): Promise<AuditResult> => {
  const { result } = await audit(classifier, { checks: [garbageCheck], ...options });
  return AUDIT_RESULT.parse(result);
};

const figure = (result: AuditResult, id: string): AuditResult['figures'][number] =>
  result.figures.find((each) => each.id === id)!;

const states = (result: AuditResult): ReadonlySet<string> => new Set(result.findings.map(({ state }) => state));

describe('garbage', () => {
  it('passes where the classifier answers all of it with one in n', async () => {
    const result = await run(
      scriptedClassifier(TEN, () => TEN.map(() => 0)),
      { budget: 'standard' },
    );
    expect(figure(result, 'garbage').value).toBe(0);
    expect(figure(result, 'garbage.uniform-noise')).toMatchObject({ counted: { hits: 0, of: 500 }, state: 'measured' });
    expect(figure(result, 'garbage.uniform-noise.mean').value).toBeCloseTo(0.1, 6);
    expect(figure(result, 'garbage.uniform-noise.highest').value).toBeCloseTo(0.1, 6);
    expect(states(result)).toEqual(new Set(['pass']));
  });

  it('is inconclusive for a sample too small to show 1 %, and says what settles it; a single image is a fact', async () => {
    const result = await run(scriptedClassifier(TEN, () => TEN.map(() => 0)));
    const finding = (part: string): AuditResult['findings'][number] =>
      result.findings.find(({ ruleId }) => ruleId === `PAR-G001/${part}`)!;
    expect(finding('uniform-noise')).toMatchObject({ state: 'inconclusive', severity: 'none' });
    expect(finding('uniform-noise').settles).toMatch(/--budget standard/);
    expect(finding('black')).toMatchObject({ state: 'pass', severity: 'none' });
  });

  it('fails where everything is accepted, also the one black image there is', async () => {
    const result = await run(scriptedClassifier(TEN, () => TEN.map((_, k) => (k === 3 ? 20 : 0))));
    expect(figure(result, 'garbage').value).toBe(1);
    expect(figure(result, 'garbage.black')).toMatchObject({ counted: { hits: 1, of: 1 }, interval: null });
    expect(result.findings.every(({ state, severity }) => state === 'fail' && severity === 'high')).toBe(true);
    expect(result.findings.map(({ ruleId }) => ruleId)).toContain('PAR-G001/black');
    const shown = result.pictures.filter(({ source }) => source === 'stripes');
    expect(shown.map(({ id, className }) => [id, className])).toEqual(
      [0, 1, 2].map((index) => [`garbage-stripes-${index}`, '3']),
    );
    expect(shown[0]!.confidence).toBeGreaterThan(0.999);
  });

  it('names the worst source, and counts what that one source has', async () => {
    // Sure of white alone.
    const classifier = scriptedClassifier(TEN, (image) =>
      TEN.map((_, k) => (k === 0 && image.every((x) => x === 255) ? 20 : 0)),
    );
    const result = await run(classifier);
    expect(figure(result, 'garbage')).toMatchObject({
      value: 1,
      title: 'Share of garbage accepted, of the worst source: plain white',
    });
    expect(result.headline).toMatch(/of the worst kind \(white\) all are accepted at/);
    expect(figure(result, 'garbage.black').value).toBe(0);
  });

  it('tries permuted pixels where there are real images, and says so where there are none', async () => {
    const classifier = scriptedClassifier(TEN, () => TEN.map(() => 0));
    const without = await run(classifier);
    expect(without.limits.join()).toMatch(/No real images were given, so permuted pixels/);
    expect(figure(without, 'garbage.permuted-pixels')).toBeUndefined();
    const images = batch(plain(1, 2, 3));
    const given = await run(classifier, { images });
    expect(figure(given, 'garbage.permuted-pixels').counted).toEqual({ hits: 0, of: 100 });
  });

  it('leaves out letters where the classes are letters', async () => {
    const names = [...'abcdefghij'];
    const result = await run(scriptedClassifier(names, () => names.map(() => 0)));
    expect(figure(result, 'garbage.letters')).toBeUndefined();
    expect(result.limits.join()).toMatch(/letters and signs, so these are no garbage/);
  });

  it('judges the user’s outliers beside the garbage', async () => {
    const classifier = scriptedClassifier(TEN, (image) => TEN.map((_, k) => (k === 0 && image[0]! === 7 ? 20 : 0)));
    const levels = Array.from({ length: 50 }, (_, i) => (i < 25 ? 7 : 8));
    const result = await run(classifier, { outliers: batch(plain(...levels), 'other') });
    expect(figure(result, 'garbage.outliers').counted).toEqual({ hits: 25, of: 50 });
    const finding = result.findings.find(({ ruleId }) => ruleId === 'PAR-G002')!;
    // Wilson's interval of 25 of 50 is 36.6 % to 63.4 %.
    expect(finding).toMatchObject({ state: 'fail', severity: 'medium' });
    expect(finding.sentence).toMatch(/25 of 50 .*36\.6.*63\.4/);
  });

  it('does not accept what is taken for a class that stands for nothing', async () => {
    const names = ['non_person', 'person'];
    const result = await run(
      scriptedClassifier(names, () => [9, 0]),
      { budget: 'standard' },
    );
    expect(figure(result, 'garbage').value).toBe(0);
    expect(states(result)).toEqual(new Set(['pass']));
    expect(result.pictures).toEqual([]);
    expect(result.sections[0]!.text.join()).toMatch(/non_person stands for nothing/);
  });

  it('is inconclusive for two classes without names, one of which may stand for nothing', async () => {
    const result = await run(scriptedClassifier(['class 0', 'class 1'], () => [9, 0]));
    expect(figure(result, 'garbage')).toMatchObject({ value: 1, state: 'inconclusive' });
    expect(states(result)).toEqual(new Set(['inconclusive']));
    expect(result.headline).toMatch(/whether garbage passes is open \(the two classes/);
    expect(result.findings[0]!.settles).toBe('names of the classes');
    expect(result.limits.join()).toMatch(/The two classes have no names/);
    const three = await run(scriptedClassifier(['class 0', 'class 1', 'class 2'], () => [9, 0, 0]));
    expect(states(three)).toEqual(new Set(['fail']));
    expect(three.limits.join()).toMatch(/The classes have no names/);
  });

  it('is inconclusive for a service that gives labels alone', async () => {
    const classifier = scriptedClassifier(TEN, () => TEN.map((_, k) => (k === 3 ? 1000 : 0)), { answers: 'labels' });
    const result = await run(classifier);
    expect(figure(result, 'garbage')).toMatchObject({ value: 1, state: 'inconclusive' });
    expect(figure(result, 'garbage.black.mean')).toMatchObject({ value: null, state: 'not measured' });
    expect(states(result)).toEqual(new Set(['inconclusive']));
    expect(result.pictures[0]!.confidence).toBeNull();
    expect(result.limits.join()).toMatch(/names a class and no confidence/);
  });

  it('ends with what it has when the queries end', async () => {
    // Black, white, 16 greys; of the stripes the first and only chunk of 100 no longer fits.
    const limited = queryBudget(
      scriptedClassifier(TEN, () => TEN.map(() => 0)),
      50,
    );
    const result = await run(limited);
    expect(figure(result, 'garbage.grey').counted).toEqual({ hits: 0, of: 16 });
    expect(figure(result, 'garbage.stripes')).toMatchObject({ value: null, state: 'not measured' });
    expect(figure(result, 'garbage.uniform-noise').state).toBe('not measured');
    expect(result.limits.join()).toMatch(/The queries ended at 0 of 100 images of stripes/);
  });

  it('goes on where images are rejected', async () => {
    const classifier = scriptedClassifier(TEN, () => TEN.map(() => 0));
    const result = await run({
      ...classifier,
      predict: (images) =>
        images.count === 1
          ? Promise.reject(new InputError('scripted: a score is not finite.'))
          : classifier.predict(images),
    });
    expect(figure(result, 'garbage.black')).toMatchObject({ value: null, state: 'not measured' });
    expect(figure(result, 'garbage').value).toBe(0);
    expect(result.limits.join()).toMatch(/Images of plain black could not be scored: scripted: a score is not finite,/);
  });

  it('says where every image is accepted by the number of classes alone', async () => {
    const classifier = scriptedClassifier(['a cat', 'a dog'], (image) => [image[0]! / 255, 0]);
    const result = await run(classifier, { threshold: 0.5 });
    expect(figure(result, 'garbage').value).toBe(1);
    expect(result.limits.join()).toMatch(/never below 50\s%/);
  });

  it('comes out the same from the same seed, and asks nothing again of units that are kept', async () => {
    let asked = 0;
    const classifier = metered(
      scriptedClassifier(TEN, (image) => TEN.map((_, k) => image[k]! / 64)),
      ({ forward }) => {
        asked += forward;
      },
    );
    const kept = new Map<string, Recordable>();
    const unit: AuditOptions['unit'] = async (key, work) => {
      if (!kept.has(key)) kept.set(key, await work({ value: undefined, offer: () => {} }));
      return kept.get(key) as Awaited<ReturnType<typeof work>>;
    };
    const first = await run(classifier, { unit, seed: 5 });
    const after = asked;
    const second = await run(classifier, { unit, seed: 5 });
    expect(asked).toBe(after);
    expect(first.queries.forward).toBe(after);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(JSON.stringify(await run(classifier, { seed: 5 }))).toBe(JSON.stringify(first));
    expect(figure(await run(classifier, { seed: 6 }), 'garbage.stripes.mean').value).not.toBe(
      figure(first, 'garbage.stripes.mean').value,
    );
  });
});

describe('classes that stand for nothing', () => {
  it('are told by their names', () => {
    expect([...nothingClasses(['background', 'cat', 'Unknown', 'refused'])]).toEqual([0, 2, 3]);
    expect([...nothingClasses(['person', 'not a person', 'no entry'])]).toEqual([1]);
    expect([...nothingClasses(['negative', 'positive', 'no'])]).toEqual([]);
  });
});

describe('the embedded network', () => {
  it('accepts garbage of every kind', async () => {
    const asset = (name: string): Uint8Array =>
      new Uint8Array(readFileSync(new URL(`../../../../core/assets/${name}`, import.meta.url)));
    const bytes = asset('lenet-digits.onnx');
    const { card } = gatherCard({ where: 'lenet-digits', model: readModel(bytes), remedy: '' });
    const classifier = await OnnxClassifier.load(bytes, {
      card,
      runtime: nodeRuntime(),
      device: 'cpu',
      where: 'digits',
    });
    const result = await run(classifier, { images: batch(drawDigits(200, 20_001).images) });
    const applied = GARBAGE.filter(({ name }) => name !== 'primary-colors');
    expect(result.findings.map(({ ruleId }) => ruleId)).toEqual(applied.map(({ name }) => `PAR-G001/${name}`));
    // It was trained on digits alone: nothing tells it what is none (Hendrycks and Gimpel 2017; Hein et al. 2019).
    expect(figure(result, 'garbage').value).toBeGreaterThan(0.5);
    await classifier.dispose();
  });
});

const data = process.env.PAREIDOLIA_DATA ?? '';

describe.skipIf(!existsSync(`${data}/models/mnist-oe-scratch.onnx`))('outlier exposure (PAREIDOLIA_DATA)', () => {
  it('accepts less than the network without it, of every source that this one accepts much of', async () => {
    const pixels = gunzipSync(readFileSync(`${data}/fashion-mnist/t10k-images-idx3-ubyte.gz`)).subarray(
      16,
      16 + 784_000,
    );
    const outliers = batch(
      { channels: 1, height: 28, width: 28, count: 1000, data: new Uint8Array(pixels) },
      'fashion',
    );
    const [plainly, exposed] = await Promise.all(
      ['mnist-oe-baseline', 'mnist-oe-scratch'].map(async (name) => {
        const bytes = new Uint8Array(readFileSync(`${data}/models/${name}.onnx`));
        const { card } = gatherCard({ where: name, model: readModel(bytes), remedy: '' });
        const classifier = await OnnxClassifier.load(bytes, {
          card,
          runtime: nodeRuntime(),
          device: 'cpu',
          where: name,
        });
        const result = await run(classifier, { budget: 'standard', outliers });
        await classifier.dispose();
        return result;
      }),
    );
    const shares = plainly!.figures.filter(({ id, unit }) => unit === 'share' && id.startsWith('garbage'));
    expect(shares.length).toBe(16);
    for (const { id, value } of shares) expect(figure(exposed!, id).value, id).toBeLessThanOrEqual(value!);
    for (const id of ['garbage', 'garbage.outliers', 'garbage.stripes', 'garbage.random-cppns']) {
      expect(figure(exposed!, id).interval![1], id).toBeLessThan(figure(plainly!, id).interval![0]);
    }
  });
});
