import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { polynomialStep } from './polynomial.ts';

const N = 200_000;

function draws(eta: number, seed: number): Float64Array {
  const random = Random.stream(seed);
  const step = polynomialStep(eta);
  return Float64Array.from({ length: N }, () => step(random));
}

describe('a step of polynomial mutation', () => {
  it.each([3, 15, 20.5])('with eta %d is larger than d with chance (1-d)^(eta+1)', (eta) => {
    const steps = draws(eta, 1);
    for (const d of [0.01, 0.05, 0.1, 0.2, 0.4, 0.7]) {
      const expected = (1 - d) ** (eta + 1);
      const found = steps.filter((step) => Math.abs(step) > d).length / N;
      expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / N) + 1e-9);
    }
  });

  it('goes up and down equally often, and stays inside (-1, 1)', () => {
    const steps = draws(15, 2);
    const up = steps.filter((step) => step > 0).length / N;
    expect(Math.abs(up - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / N));
    expect(steps.every((step) => Math.abs(step) < 1)).toBe(true);
  });

  it('by square roots is the one by powers', () => {
    const roots = draws(15, 3);
    const powers = draws(15 + Number.EPSILON * 8, 3);
    expect(roots.every((step, i) => Math.abs(step - powers[i]!) < 1e-12)).toBe(true);
  });

  it.each([0, -1, Number.NaN, 1001])('refuses eta = %d', (eta) => {
    expect(() => polynomialStep(eta)).toThrow(InputError);
  });
});
