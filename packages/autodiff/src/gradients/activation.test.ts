import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attributes, GraphBuilder } from '../builder/builder.ts';
import { OPERATORS } from '../operators/table.ts';
import { CASES, expectGradient, gradientsOf } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

const op =
  (opType: string, attributes: Attributes = {}) =>
  (b: GraphBuilder): string =>
    b.op(opType, ['x'], attributes);

/** Intervals between the kinks. */
const CASES_OF: readonly (readonly [opType: string, attributes: Attributes, low: number, high: number])[] = [
  ['Celu', {}, 0.1, 3],
  ['Celu', { alpha: 0.5 }, -3, -0.1],
  ['Elu', {}, -3, 3],
  ['Elu', { alpha: 0.4 }, -3, -0.1],
  ['Elu', { alpha: 0.4 }, 0.1, 3],
  ['Gelu', {}, -3, 3],
  ['Gelu', { approximate: 'tanh' }, -3, 3],
  ['HardSigmoid', {}, -2.4, 2.4],
  ['HardSigmoid', { alpha: 0.5, beta: 0.25 }, 1.6, 3],
  ['HardSwish', {}, -2.9, 2.9],
  ['HardSwish', {}, 3.1, 5],
  ['HardSwish', {}, -5, -3.1],
  ['Mish', {}, -4, 4],
  ['Selu', {}, -3, -0.1],
  ['Selu', { alpha: 1.2, gamma: 0.7 }, 0.1, 3],
  ['Shrink', {}, 0.6, 2],
  ['Shrink', { lambd: 1, bias: 0.5 }, -0.9, 0.9],
  ['Softsign', {}, 0.1, 4],
  ['Softsign', {}, -4, -0.1],
  ['Swish', {}, -4, 4],
  ['Swish', { alpha: 1.7 }, -3, 3],
  ['ThresholdedRelu', {}, 1.1, 3],
  ['ThresholdedRelu', { alpha: 0.5 }, -1, 0.4],
];

describe('activation functions have the derivative that differences show between their kinks', () => {
  it.each(CASES_OF)('%s %j from %d to %d', (opType, attributes, low, high) =>
    fc.assert(
      fc.asyncProperty(seeds, shapes, (seed, dims) =>
        expectGradient(
          {
            operands: { x: sample(seed, dims, low, high) },
            opset: OPERATORS.get(opType)!.since,
            build: op(opType, attributes),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 8 },
    ),
  );

  it('PRelu, and its slope the sum over all it was used for', () =>
    fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom([3, 1, 1], [1], [3, 4, 2]), fc.boolean(), (seed, slope, below) =>
        expectGradient(
          {
            operands: {
              x: sample(seed, [2, 3, 4, 2], below ? -2 : 0.1, below ? -0.1 : 2),
              slope: sample(seed + 1, slope, 0.1, 0.9),
            },
            build: (b) => b.op('PRelu', ['x', 'slope']),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 10 },
    ));
});

describe('at and far from kinks', () => {
  const slopes = async (opType: string, x: readonly number[], attributes: Attributes = {}): Promise<number[]> => {
    const operands = { x: { dims: [x.length], data: Float32Array.from(x) } };
    const ones = { dims: [x.length], data: new Float32Array(x.length).fill(1) };
    const subject = { operands, build: op(opType, attributes), opset: OPERATORS.get(opType)!.since };
    const { x: gradient } = await gradientsOf(subject, ['x'], operands, ones);
    return [...gradient!.data].map((value) => value + 0);
  };

  it('the side is that of the README', async () => {
    expect(await slopes('Elu', [0], { alpha: 0.5 })).toEqual([0.5]);
    expect(await slopes('Celu', [0], { alpha: 0.5 })).toEqual([1]);
    expect(await slopes('HardSwish', [-3, 3])).toEqual([0, 1]);
    expect(await slopes('HardSigmoid', [-2.5, 2.5])).toEqual([0, 0]);
    expect(await slopes('ThresholdedRelu', [1, 1.5])).toEqual([0, 1]);
  });

  it('nothing overflows', async () => {
    for (const opType of ['Elu', 'Selu', 'Celu', 'Mish', 'Gelu', 'Softsign', 'HardSwish']) {
      for (const slope of await slopes(opType, [-200, 200])) expect(Number.isFinite(slope), opType).toBe(true);
    }
    expect(await slopes('Elu', [200, -200])).toEqual([1, 0]);
  });
});
