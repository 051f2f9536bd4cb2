import { type Classifier, type OnnxClassifier, queryBudget, wrapped } from '@pareidolia/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagesAt, linearNetwork } from '../../testing/linear-network.ts';
import { type AuditOptions, audit } from '../audit.ts';
import type { AuditedClassifier } from '../bench.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { modelCheck } from './model.ts';

/** So many images, half of each class, each so far from the other. */
function real(count: number, distance: number) {
  const { labels: _, ...images } = imagesAt(Array.from({ length: count }, (__, i) => (i % 2 ? distance : -distance)));
  return { origin: 'greys', images, names: Array.from({ length: count }, (__, i) => `${i}`) };
}

async function run(classifier: AuditedClassifier, options: AuditOptions = {}): Promise<AuditResult> {
  return AUDIT_RESULT.parse(
    (await audit(classifier, { checks: [modelCheck], images: real(40, 0.01), ...options })).result,
  );
}

const value = (result: AuditResult, id: string) => result.figures.find((figure) => figure.id === id)!.value;
const state = (result: AuditResult, id: string) => result.findings.find(({ ruleId }) => ruleId === id)?.state;
const states = (result: AuditResult) => result.findings.map((finding) => finding.state);

describe('the model itself', () => {
  let network: OnnxClassifier;
  beforeAll(async () => {
    network = await linearNetwork();
  });
  afterAll(() => network.dispose());

  /** The network with other confidences. */
  const altered = (alter: (row: Float32Array, place: number, count: number) => void): Classifier =>
    wrapped(network, {
      async predict(images) {
        const scores = await network.predict(images);
        const data = scores.data.slice();
        for (let row = 0; row < images.count; row++) alter(data.subarray(2 * row, 2 * row + 2), row, images.count);
        return { ...scores, data };
      },
    });

  it('has nothing against a sound network', async () => {
    const result = await run(network);
    expect(states(result)).toEqual(['pass', 'pass', 'pass', 'pass', 'pass']);
    expect(result.queries.forward).toBe(2 * 45 + 4 + 2 * 40);
  });

  it('tells answers that change, by how much', async () => {
    let call = 0;
    const random = altered((row, place) => {
      if (place === 0) call++;
      row[0] = 0.5 + 0.01 * (call % 2);
      row[1] = 1 - row[0];
    });
    const result = await run(random);
    expect(value(result, 'repeat-difference')).toBeCloseTo(0.01, 6);
    expect(state(result, 'PAR-M002')).toBe('fail');
  });

  it('tells answers that depend on the images beside', async () => {
    const coupled = altered((row, _, count) => {
      row[0] = 0.5 + 0.2 * Number(count === 1);
      row[1] = 1 - row[0];
    });
    const result = await run(coupled);
    expect(value(result, 'batch-difference')).toBeCloseTo(0.2, 6);
    expect([state(result, 'PAR-M002'), state(result, 'PAR-M003')]).toEqual(['pass', 'fail']);
  });

  it('tells confidences of exactly 1, and gradients that are zero where float32 has no more', async () => {
    // 2 * 64 * 5/255 * 1000 nats: the other class has the probability e^-2510.
    const certain = await linearNetwork(2, 1000);
    const result = await run(certain, { images: real(40, 0.02) });
    expect(value(result, 'saturated')).toBe(1);
    expect(value(result, 'gradient.zero')).toBe(1);
    expect(value(result, 'gradient.zero-margin')).toBe(0);
    expect([state(result, 'PAR-M004'), state(result, 'PAR-M005')]).toEqual(['fail', 'inconclusive']);
    await certain.dispose();
  });

  it('tells scores that are not finite, and asks on about the others', async () => {
    const spoilt = wrapped(network, {
      async predict(images) {
        // Black is one of the probe images.
        for (let row = 0; row < images.count; row++) {
          if (images.data.subarray(64 * row, 64 * row + 64).every((pixel) => pixel === 0)) {
            return network.predict({ ...images, channels: 3 });
          }
        }
        return network.predict(images);
      },
      async logits(images) {
        const logits = await network.logits(images);
        const data = logits.data.map((z, i) => {
          const row = Math.floor(i / 2);
          return images.data.subarray(64 * row, 64 * row + 64).every((pixel) => pixel === 0) ? Number.NaN : z;
        });
        return { ...logits, data };
      },
    });
    const result = await run(spoilt);
    expect(result.figures.find(({ id }) => id === 'not-finite')!.counted).toEqual({ hits: 1, of: 45 });
    expect(result.findings.find(({ ruleId }) => ruleId === 'PAR-M001')).toMatchObject({
      state: 'fail',
      severity: 'high',
    });
    expect(state(result, 'PAR-M002')).toBe('pass');
  });

  it('follows gradients from what a detector accepts, and says where it accepts nothing', async () => {
    /** The network behind a detector that refuses every so many images. */
    const guarded = (every: number): Classifier => {
      const answers = async (images: Parameters<Classifier['logits']>[0], accepted: number, refused: number) => {
        const { data } = await network.logits(images);
        const rows = Array.from({ length: images.count }, (_, row) => {
          const first = data[2 * row]! > data[2 * row + 1]!;
          return row % every === 0
            ? [refused, refused, accepted]
            : [first ? accepted : refused, first ? refused : accepted, refused];
        });
        return { count: images.count, numClasses: 3, data: Float32Array.from(rows.flat()) };
      };
      return wrapped(network, {
        numClasses: 3,
        classNames: ['dark', 'light', 'refused'],
        refusedClass: 2,
        predict: (images) => answers(images, 0.8, 0.1),
        logits: (images) => answers(images, Math.log(8), 0),
        gradient: (images, { refusedAs: _, ...objective }) => network.gradient(images, objective),
      });
    };
    const result = await run(guarded(4));
    expect(result.figures.find(({ id }) => id === 'gradient.zero')!.counted).toEqual({ hits: 0, of: 30 });
    expect(state(result, 'PAR-M005')).toBe('pass');
    const nothing = await run(guarded(1));
    expect(nothing.findings.find(({ ruleId }) => ruleId === 'PAR-M005')).toMatchObject({
      state: 'inconclusive',
      sentence: 'There is no gradient to follow: the detector refuses all images that were looked at',
    });
  });

  it('works without images and without gradients, and ends where the budget of queries does', async () => {
    const { result } = await audit(wrapped(network, { noGradient: 'it is asked over HTTP' }), { checks: [modelCheck] });
    expect(value(result, 'gradient.zero')).toBeNull();
    expect(state(result, 'PAR-M005')).toBe('inconclusive');
    expect(result.limits.join()).toContain('Without real images');
    expect((await run(queryBudget(network, 10))).limits.join()).toContain('budget of queries ended');
  });
});
