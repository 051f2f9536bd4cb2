import { describe, expect, it } from 'vitest';
import { energy } from './energy.ts';
import { entropy } from './entropy.ts';
import { maximumLogit } from './maximum-logit.ts';
import { maximumSoftmax } from './maximum-softmax.ts';
import { LOGIT_DETECTORS } from './registry.ts';

const row = (...values: number[]): Float32Array => Float32Array.from(values);

describe('detectors', () => {
  it('have their closed forms on equal logits', () => {
    const equal = row(3, 3, 3, 3);
    expect(maximumSoftmax.score(equal)).toBeCloseTo(1 / 4, 12);
    expect(maximumLogit.score(equal)).toBe(3);
    expect(energy.score(equal)).toBeCloseTo(3 + Math.log(4), 12);
    expect(entropy.score(equal)).toBeCloseTo(-Math.log(4), 12);
  });

  it('have their closed forms on two classes', () => {
    const p = 1 / (1 + Math.exp(-2));
    expect(maximumSoftmax.score(row(0, 2))).toBeCloseTo(p, 12);
    expect(energy.score(row(0, 2))).toBeCloseTo(Math.log(1 + Math.exp(2)), 12);
    expect(entropy.score(row(0, 2))).toBeCloseTo(p * Math.log(p) + (1 - p) * Math.log(1 - p), 12);
  });

  it('stay finite on large logits', () => {
    for (const { score } of LOGIT_DETECTORS) {
      expect(Number.isFinite(score(row(20_000, -20_000, 0)))).toBe(true);
      expect(Number.isFinite(score(row(-20_000, -20_001, -19_999)))).toBe(true);
    }
  });

  it.each(LOGIT_DETECTORS.map((detector) => ({ detector, name: detector.name })))(
    '$name is larger for the surer of two images, and says rightly whether a constant matters',
    ({ detector }) => {
      const { score, isShiftInvariant } = detector;
      expect(score(row(9, 0, 0))).toBeGreaterThan(score(row(1, 0, 0)));
      expect(Math.abs(score(row(5, 1, 2)) - score(row(15, 11, 12))) < 1e-9).toBe(isShiftInvariant);
    },
  );
});
