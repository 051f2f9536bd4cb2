import { type Images, InputError, queryBudget, Random } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { type AuditOptions, audit } from '../audit.ts';
import type { AuditedClassifier } from '../bench.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { accuracyCheck } from './accuracy.ts';

const shape = { channels: 1, height: 2, width: 2 } as const;

/** Two classes; the first logit is the first pixel over 10, times a factor, the second 0. */
function scripted(factor: number, changes: Partial<AuditedClassifier> = {}): AuditedClassifier {
  const rows = (images: { count: number; data: ArrayLike<number> }, of: (z: number) => readonly [number, number]) => ({
    count: images.count,
    numClasses: 2,
    data: Float32Array.from({ length: 2 * images.count }, (_, i) => {
      return of((factor * images.data[4 * Math.floor(i / 2)]!) / 10)[i % 2]!;
    }),
  });
  return {
    shape,
    numClasses: 2,
    classNames: ['a', 'b'],
    where: 'scripted',
    logits: async (images) => rows(images, (z) => [z, 0]),
    predict: async (images) => rows(images, (z) => [1 / (1 + Math.exp(-z)), 1 / (1 + Math.exp(z))]),
    gradient: () => Promise.reject(new Error('asked for a gradient')),
    ...changes,
  };
}

/** Images whose classes are drawn with the probabilities that the factor 1 gives. */
function drawn(count: number): { images: Images; labels: Int32Array } {
  const random = Random.stream(1, 2);
  const data = new Uint8Array(4 * count);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    data[4 * i] = random.integer(40);
    labels[i] = Number(random.uniform() >= 1 / (1 + Math.exp(-data[4 * i]! / 10)));
  }
  return { images: { ...shape, count, data }, labels };
}

async function run(
  classifier: AuditedClassifier,
  { images, labels }: { images: Images; labels?: Int32Array },
  options: AuditOptions = {},
): Promise<AuditResult> {
  const names = Array.from({ length: images.count }, (_, i) => `${i}`);
  const real = { origin: 'drawn', images, names, ...(labels === undefined ? {} : { labels }) };
  return AUDIT_RESULT.parse((await audit(classifier, { checks: [accuracyCheck], images: real, ...options })).result);
}

const figure = (result: AuditResult, id: string) => result.figures.find((each) => each.id === id)!;
const finding = (result: AuditResult, id: string) => result.findings.find(({ ruleId }) => ruleId === id);

describe('accuracy and calibration', () => {
  const images = drawn(1000);
  const right = images.labels.filter((label) => label === 0).length;

  it('counts what is right, and finds confidences sound that are', async () => {
    const result = await run(scripted(1), images);
    expect(figure(result, 'accuracy').counted).toEqual({ hits: right, of: 1000 });
    expect(figure(result, 'temperature').value).toBeCloseTo(1, 0);
    expect(figure(result, 'calibration-error').interval![0]).toBeLessThan(0.02);
    expect(finding(result, 'PAR-A001')!.state).toBe('pass');
    expect(finding(result, 'PAR-A002')!.state).toBe('pass');
    expect(result.queries.forward).toBe(2000);
  });

  it('finds the factor that confidences are too large by, and what is left without it', async () => {
    const sound = await run(scripted(1), images);
    const result = await run(scripted(5), images);
    expect(figure(result, 'temperature').value! / figure(sound, 'temperature').value!).toBeCloseTo(5, 4);
    expect(figure(result, 'calibration-error').value).toBeGreaterThan(0.1);
    // Dividing the logits by the factor gives the sound network back.
    const left = figure(result, 'calibration-error.scaled').value!;
    expect(left).toBeCloseTo(figure(sound, 'calibration-error.scaled').value!, 4);
    expect(left).toBeLessThan(0.04);
    expect(finding(result, 'PAR-A002')).toMatchObject({ state: 'fail' });
  });

  it('fails what is no better than guessing, and leaves a few images open', async () => {
    const guessed = { ...images, labels: images.labels.map((_, i) => i % 2) };
    expect(finding(await run(scripted(1), guessed), 'PAR-A001')).toMatchObject({ state: 'fail', severity: 'high' });
    const few = {
      images: { ...images.images, count: 4, data: images.images.data.slice(0, 16) },
      labels: images.labels.slice(0, 4),
    };
    const result = await run(scripted(1), few);
    expect(finding(result, 'PAR-A001')!.state).toBe('inconclusive');
    expect(finding(result, 'PAR-A002')!.state).not.toBe('fail');
    expect(figure(result, 'temperature')).toMatchObject({ value: null });
  });

  it('works with labels only, with answers over HTTP, without labels, and until the budget ends', async () => {
    const told = await run(scripted(1, { answers: 'labels' }), images);
    expect(figure(told, 'accuracy').counted!.hits).toBe(right);
    expect(figure(told, 'calibration-error').value).toBeNull();
    const asked = await run(scripted(1, { noGradient: 'it is asked over HTTP' }), images);
    expect(asked.queries.forward).toBe(1000);
    expect(figure(asked, 'temperature').value).toBeCloseTo(
      figure(await run(scripted(1), images), 'temperature').value!,
      4,
    );
    const unknown = await run(scripted(1), { images: images.images });
    expect(figure(unknown, 'accuracy')).toMatchObject({ value: null, why: expect.stringContaining('not known') });
    const cut = await run(queryBudget(scripted(1), 1200), images);
    expect(figure(cut, 'accuracy').counted!.of).toBe(500);
    expect(cut.limits.join()).toContain('ended after 500 of 1,000 images');
  });

  it('counts scores that are not finite as wrong', async () => {
    const spoilt = scripted(1, {
      logits: async (given) => {
        const { data, ...rest } = await scripted(1).logits(given);
        return { ...rest, data: data.map((z, i) => (given.data[4 * Math.floor(i / 2)] === 0 ? Number.NaN : z)) };
      },
    });
    const classifier: AuditedClassifier = {
      ...spoilt,
      predict: async (given) => {
        for (let i = 0; i < given.count; i++) if (given.data[4 * i] === 0) throw new InputError('not finite');
        return scripted(1).predict(given);
      },
    };
    const black = Array.from({ length: 1000 }, (_, i) => i).filter((i) => images.images.data[4 * i] === 0);
    const lost = black.filter((i) => images.labels[i] === 0).length;
    const result = await run(classifier, images);
    expect(black.length).toBeGreaterThan(0);
    expect(figure(result, 'accuracy').counted).toEqual({ hits: right - lost, of: 1000 });
  });
});
