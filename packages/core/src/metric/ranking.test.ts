import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import {
  auroc,
  aurocInterval,
  averagePrecision,
  falsePositives,
  thresholdAtRate,
  thresholdInterval,
} from './ranking.ts';

const normal = (random: Random, count: number, mean = 0): number[] =>
  Array.from({ length: count }, () => mean + random.normal());

describe('the area under the receiver operating characteristic', () => {
  it('counts pairs, ties half', () => {
    expect(auroc([1, 2, 3], [0, 2])).toBe(4.5 / 6);
    expect(auroc([1, 1], [1, 1, 1])).toBe(0.5);
    expect(auroc([2], [1])).toBe(1);
    expect(auroc([0], [1])).toBe(0);
    expect(auroc([], [1])).toBeNaN();
    // The example in scikit-learn's documentation of roc_auc_score's curve.
    expect(auroc([0.35, 0.8], [0.1, 0.4])).toBe(0.75);
  });

  it('of two normal distributions one deviation apart is Phi(1 / sqrt 2) = 0.7602', () => {
    const random = Random.stream(1);
    expect(auroc(normal(random, 20_000, 1), normal(random, 20_000))).toBeCloseTo(0.7602, 2);
  });

  it('has an interval that holds the true area about 95 times of 100', () => {
    const random = Random.stream(2);
    let held = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const area = auroc(normal(random, 60, 1), normal(random, 40));
      const [low, high] = aurocInterval(area, 60, 40);
      if (low <= 0.7602 && 0.7602 <= high) held++;
    }
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(985);
  });

  it('has an interval at its ends, too, mirrored about one half', () => {
    const [low, high] = aurocInterval(1, 100, 100);
    expect(high).toBe(1);
    expect(low).toBeGreaterThan(0.9);
    expect(low).toBeLessThan(1);
    const mirrored = aurocInterval(0, 100, 100);
    expect(mirrored[0]).toBe(0);
    expect(mirrored[1]).toBeCloseTo(1 - low, 12);
    // Hanley and McNeil's variance at the lower end, with both numbers 100, puts 1 at 1.96 deviations.
    const [q1, q2] = [low / (2 - low), (2 * low * low) / (1 + low)];
    const variance = (low * (1 - low) + 99 * (q1 - low * low) + 99 * (q2 - low * low)) / 10_000;
    expect((1 - low) / Math.sqrt(variance)).toBeCloseTo(1.96, 3);
  });
});

describe('average precision', () => {
  it('is the mean of the precision at each positive', () => {
    // The example in scikit-learn's documentation of average_precision_score.
    expect(averagePrecision([0.35, 0.8], [0.1, 0.4])).toBeCloseTo(5 / 6, 12);
    expect(averagePrecision([3, 4], [1, 2])).toBe(1);
  });

  it('of equal scores is the share of positives', () => {
    expect(averagePrecision([1, 1, 1], [1])).toBe(0.75);
    expect(averagePrecision([], [1])).toBeNaN();
  });
});

describe('thresholds', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);

  it('keep at least the share that is asked for, and no more than they must', () => {
    expect(thresholdAtRate(hundred)).toBe(6);
    expect(thresholdAtRate(hundred, 1)).toBe(1);
    expect(thresholdAtRate([5, 5, 5, 5], 0.5)).toBe(5);
    expect(thresholdAtRate([1, 2, 3], 0.5)).toBe(2);
  });

  it('let through the negatives that are no smaller', () => {
    expect(falsePositives(hundred, [0, 5, 6, 7])).toEqual({ threshold: 6, passed: 2, of: 4, share: 0.5 });
    // A tie at the threshold passes, on both sides.
    expect(falsePositives([1, 1, 1], [1, 0.5])).toEqual({ threshold: 1, passed: 1, of: 2, share: 0.5 });
  });

  it('have an interval of order statistics once there are enough', () => {
    // 1 - 0.95^n reaches 97.5 % at n = 72.
    const first = (n: number): readonly [number | null, number | null] => thresholdInterval(hundred.slice(0, n));
    expect(first(71)[0]).toBeNull();
    expect(first(72)[0]).toBe(1);
    // Binomial(100, 0.05): P(B <= 0) = 0.006 and P(B <= 1) = 0.037; P(B >= 10) = 0.028 and P(B >= 11) = 0.011.
    expect(first(100)).toEqual([1, 11]);
    expect(first(1)).toEqual([null, null]);
  });

  it('have an interval that holds the true threshold at least 95 times of 100', () => {
    const random = Random.stream(3);
    let held = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const [low, high] = thresholdInterval(Array.from({ length: 200 }, () => random.uniform()));
      if (low! <= 0.05 && 0.05 <= high!) held++;
    }
    expect(held).toBeGreaterThan(940);
  });
});
