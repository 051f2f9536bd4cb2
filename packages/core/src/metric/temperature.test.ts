import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { fitTemperature } from './temperature.ts';

/** Rows whose classes are drawn from softmax(logits): their own temperature is 1. */
function drawnLogits(count: number, numClasses: number, scale: number) {
  const random = Random.stream(1, 7);
  const data = new Float64Array(count * numClasses);
  const labels = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const z = Array.from({ length: numClasses }, () => 2 * random.normal());
    const weights = z.map(Math.exp);
    let left = random.uniform() * weights.reduce((a, b) => a + b);
    labels[row] = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    data.set(
      z.map((value) => scale * value),
      row * numClasses,
    );
  }
  return { numClasses, data, labels };
}

describe('fitTemperature', () => {
  // Logits (a, 0) of which a share q is right: softmax(a / T) = q, so T = a / ln(q / (1 - q)).
  it.each([
    [1, 0.75],
    [6, 0.9],
    [0.02, 0.6],
    [500, 0.8],
  ])('is a / ln(q / (1 - q)) for two classes with logits (%f, 0), right at a share of %f', (a, q) => {
    const count = 20;
    const data = Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? a : 0));
    const labels = Array.from({ length: count }, (_, i) => Number(i >= Math.round(q * count)));
    expect(fitTemperature({ numClasses: 2, data, labels })).toBeCloseTo(a / Math.log(q / (1 - q)), 8);
  });

  it.each([1, 0.1, 25])('finds the factor %f that logits were multiplied with', (scale) => {
    // The standard error of the estimate is about 0.02 for so many rows.
    expect(fitTemperature(drawnLogits(5000, 10, scale))! / scale).toBeCloseTo(1, 1);
  });

  it('stays finite for logits whose exponentials are not', () => {
    const wide = drawnLogits(200, 4, 150);
    expect(fitTemperature(wide)! / 150).toBeCloseTo(fitTemperature(drawnLogits(200, 4, 1))!, 8);
  });

  it('does not exist where all rows are right, or none more often than chance, or there is nothing to fit', () => {
    const data = [3, 0, 0, 5];
    expect(fitTemperature({ numClasses: 2, data, labels: [0, 1] })).toBeUndefined();
    expect(fitTemperature({ numClasses: 2, data, labels: [1, 0] })).toBeUndefined();
    expect(fitTemperature({ numClasses: 2, data: [], labels: [] })).toBeUndefined();
    expect(fitTemperature({ numClasses: 1, data: [1, 1], labels: [0, 0] })).toBeUndefined();
  });
});
