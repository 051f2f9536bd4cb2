import { expect, it } from 'vitest';
import { Adam } from './adam.ts';

it('Adam moves by its rate along a constant gradient, whatever its size, and knows that size', () => {
  const adam = new Adam(2, 0.1);
  const vector = new Float64Array(2);
  for (let step = 0; step < 3; step++) adam.step(vector, Float64Array.of(5, -0.02));
  expect(vector[0]).toBeCloseTo(-0.3, 6);
  expect(vector[1]).toBeCloseTo(0.3, 5);
  expect(adam.scales()[0]).toBeCloseTo(5, 6);
  expect(adam.scales()[1]).toBeCloseTo(0.02, 6);
  adam.step(vector, Float64Array.of(5, -0.02), 1);
  expect(vector[0]).toBeCloseTo(-1.3, 6);
});

it('adds its epsilon to the root of the unbiased mean square, so that a gradient of ten times it loses an eleventh each time', () => {
  const adam = new Adam(1, 0.1);
  const vector = new Float64Array(1);
  for (let step = 1; step <= 3; step++) {
    adam.step(vector, Float64Array.of(1e-7));
    expect(vector[0]).toBeCloseTo((-0.1 * step * 10) / 11, 6);
  }
});
