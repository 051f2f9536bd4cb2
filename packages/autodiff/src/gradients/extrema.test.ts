import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASES, expectGradient, gradientsOf, type Subject } from '../testing/finite-differences.ts';
import { apart, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

/** The gradients of the sum of a value of a given shape. */
function slopes(subject: Subject, shape: readonly number[]) {
  const ones = { dims: shape, data: new Float32Array(shape.reduce((count, dim) => count * dim, 1)).fill(1) };
  return gradientsOf(subject, Object.keys(subject.operands), subject.operands, ones);
}

describe('the largest and the smallest', () => {
  it.each(['Max', 'Min'])('%s of several inputs goes back to the one that holds it, over its copies', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, (seed) => {
        // Three parts of a tensor whose elements are all distinct.
        const { data } = apart(seed, [24 + 4 + 6]);
        const operands = {
          x: { dims: [2, 3, 4], data: data.slice(0, 24) },
          y: { dims: [4], data: data.slice(24, 28) },
          z: { dims: [2, 3, 1], data: data.slice(28) },
        };
        return expectGradient({ operands, build: (b) => b.op(opType, ['x', 'y', 'z']) }, seed);
      }),
      CASES,
    ),
  );

  it('equal inputs share the cotangent, as torch.max(a, b) does', async () => {
    const operands = {
      x: { dims: [3], data: Float32Array.of(1, 2, 3) },
      y: { dims: [3], data: Float32Array.of(1, 0, 5) },
    };
    const { x, y } = await slopes({ operands, build: (b) => b.op('Max', ['x', 'y']) }, [3]);
    expect([...x!.data]).toEqual([0.5, 1, 0]);
    expect([...y!.data]).toEqual([0.5, 0, 1]);
  });

  it.each(['ReduceMax', 'ReduceMin'])(
    '%s over several axes goes back to the first in row-major order',
    async (opType) => {
      await fc.assert(
        fc.asyncProperty(seeds, fc.subarray([0, 1, 2, 3], { minLength: 1 }), fc.boolean(), (seed, axes, keep) =>
          expectGradient(
            {
              operands: { x: apart(seed, [2, 3, 2, 3]) },
              build: (b) => b.op(opType, ['x', b.ints(axes)], { keepdims: keep ? 1 : 0 }),
            },
            seed,
          ),
        ),
        CASES,
      );
      const operands = {
        x: {
          dims: [1, 2, 2, 2],
          data: Float32Array.of(0, 7, 7, 7, 7, 7, 7, 0).map((v) => (opType === 'ReduceMax' ? v : -v)),
        },
      };
      const { x } = await slopes(
        { operands, build: (b) => b.op(opType, ['x', b.ints([1, 3])], { keepdims: 0 }) },
        [1, 2],
      );
      expect([...x!.data]).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
    },
  );
});

describe('products and running sums', () => {
  it('ReduceProd gives each factor the product of the others, zeros or not', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.subarray([0, 1, 2], { minLength: 1 }), fc.boolean(), (seed, axes, keep) =>
        expectGradient(
          {
            operands: { x: sample(seed, [2, 3, 2], 0.5, 1.5) },
            build: (b) => b.op('ReduceProd', ['x', b.ints(axes)], { keepdims: keep ? 1 : 0 }),
          },
          seed,
        ),
      ),
      CASES,
    );
    const operands = { x: { dims: [3, 3], data: Float32Array.of(2, 3, 4, 2, 0, 4, 0, 5, 0) } };
    const { x } = await slopes({ operands, build: (b) => b.op('ReduceProd', ['x', b.ints([1])]) }, [3, 1]);
    expect([...x!.data].map((value) => value + 0)).toEqual([12, 8, 6, 0, 8, 0, 0, 0, 0]);
  });

  it('ReduceLogSum', () =>
    fc.assert(
      fc.asyncProperty(seeds, fc.boolean(), (seed, keep) =>
        expectGradient(
          {
            operands: { x: sample(seed, [2, 3, 4], 0.5, 2) },
            build: (b) => b.op('ReduceLogSum', ['x', b.ints([0, 2])], { keepdims: keep ? 1 : 0 }),
          },
          seed,
        ),
      ),
      CASES,
    ));

  it.each([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ])('CumSum exclusive %d reverse %d', (exclusive, reverse) =>
    fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: -3, max: 2 }), (seed, axis) =>
        expectGradient(
          {
            operands: { x: sample(seed, [2, 3, 4]) },
            build: (b) => {
              const place = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(axis)) });
              return b.op('CumSum', ['x', place], { exclusive, reverse });
            },
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 6 },
    ),
  );

  it('Mod of floats has the derivative 1 between its steps', () =>
    fc.assert(
      fc.asyncProperty(seeds, (seed) =>
        expectGradient(
          {
            operands: { x: sample(seed, [2, 3], 1.05, 1.9) },
            build: (b) => b.op('Mod', ['x', b.scalar(1)], { fmod: 1 }),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 6 },
    ));
});
