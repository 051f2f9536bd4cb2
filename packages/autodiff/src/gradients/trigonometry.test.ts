import fc from 'fast-check';
import { describe, it } from 'vitest';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

/** Intervals where the functions are defined and not too steep. */
const DOMAINS: Readonly<Record<string, readonly [low: number, high: number]>> = {
  Acos: [-0.9, 0.9],
  Acosh: [1.2, 4],
  Asin: [-0.9, 0.9],
  Asinh: [-3, 3],
  Atan: [-3, 3],
  Atanh: [-0.8, 0.8],
  Cos: [-4, 4],
  Cosh: [-2, 2],
  Sin: [-4, 4],
  Sinh: [-2, 2],
  Tan: [-1.1, 1.1],
};

describe('circular and hyperbolic functions have the derivative that differences show', () => {
  it.each(Object.entries(DOMAINS))('%s', (opType, [low, high]) =>
    fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30), fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), (seed, dims) =>
        expectGradient({ operands: { x: sample(seed, dims, low, high) }, build: (b) => b.op(opType, ['x']) }, seed),
      ),
      { ...CASES, numRuns: 8 },
    ),
  );
});
