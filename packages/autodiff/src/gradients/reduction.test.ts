import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { CASES, expectGradient, gradientsOf } from '../testing/finite-differences.ts';
import { apart, type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

/** A shape with some of its axes, counted from the front or from the back; `undefined` where none are given. */
const reductions = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    axes: fc.option(
      fc.subarray(
        dims.map((_, axis) => axis),
        { minLength: 1 },
      ),
      { nil: undefined },
    ),
    fromBack: fc.boolean(),
    keepdims: fc.integer({ min: 0, max: 1 }),
    open: fc.boolean(),
  }),
);

describe('reductions over any axes, axes kept or lost, have the gradient that differences show', () => {
  it.each([
    ['ReduceSum', (seed: number, dims: readonly number[]) => sample(seed, dims)],
    ['ReduceMean', (seed: number, dims: readonly number[]) => sample(seed, dims)],
    ['ReduceSumSquare', (seed: number, dims: readonly number[]) => sample(seed, dims)],
    ['ReduceL1', (seed: number, dims: readonly number[]) => apart(seed, dims)],
    ['ReduceL2', (seed: number, dims: readonly number[]) => sample(seed, dims, 0.5, 1.5)],
    ['ReduceLogSumExp', (seed: number, dims: readonly number[]) => sample(seed, dims)],
  ])('%s', (opType, draw) =>
    fc.assert(
      fc.asyncProperty(seeds, reductions, (seed, { dims, axes, fromBack, keepdims, open }) => {
        const given = axes?.map((axis) => (fromBack ? axis - dims.length : axis));
        return expectGradient(
          {
            operands: { x: draw(seed, dims) },
            open: open ? ['x'] : [],
            build: (b) => b.op(opType, given === undefined ? ['x'] : ['x', b.ints(given)], { keepdims }),
          },
          seed,
        );
      }),
      { ...CASES, numRuns: 30 },
    ),
  );

  it.each(['ReduceMax', 'ReduceMin'])('%s over one axis', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, reductions, (seed, { dims, axes, fromBack, keepdims, open }) => {
        const axis = axes?.[0] ?? dims.length - 1;
        return expectGradient(
          {
            operands: { x: apart(seed, dims) },
            open: open && axis !== 0 ? ['x'] : [],
            build: (b) => b.op(opType, ['x', b.ints([fromBack ? axis - dims.length : axis])], { keepdims }),
          },
          seed,
        );
      }),
      { ...CASES, numRuns: 30 },
    ),
  );

  it.each(['ReduceSum', 'ReduceMean', 'ReduceSumSquare'])('%s over no axes does what it says it does', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 0, max: 1 }), fc.boolean(), (seed, noop, empty) =>
        expectGradient(
          {
            operands: { x: sample(seed, [2, 3]) },
            build: (b) => b.op(opType, empty ? ['x', b.ints([])] : ['x'], { noop_with_empty_axes: noop }),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 6 },
    ),
  );
});

describe('where elements tie', () => {
  const at = async (x: Sample, build: (b: GraphBuilder) => string, outputs: number): Promise<number[]> => {
    const ones: Sample = { dims: [outputs], data: new Float32Array(outputs).fill(1) };
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, ones);
    return [...gradient!.data].map((value) => value + 0);
  };

  it('the first maximum gets all', async () => {
    const x = { dims: [2, 3], data: Float32Array.of(1, 2, 2, 3, 3, 3) };
    expect(await at(x, (b) => b.op('ReduceMax', ['x', b.ints([1])], { keepdims: 0 }), 2)).toEqual([0, 1, 0, 1, 0, 0]);
  });
  it('the first minimum gets all', async () => {
    const x = { dims: [3, 2], data: Float32Array.of(1, 2, 1, 0, 5, 0) };
    expect(await at(x, (b) => b.op('ReduceMin', ['x', b.ints([0])], { keepdims: 0 }), 2)).toEqual([1, 0, 0, 1, 0, 0]);
  });
  it('the absolute value of zero adds nothing', async () => {
    const x = { dims: [1, 3], data: Float32Array.of(-2, 0, 2) };
    expect(await at(x, (b) => b.op('ReduceL1', ['x', b.ints([1])], { keepdims: 0 }), 1)).toEqual([-1, 0, 1]);
  });
  it('the length of the zero vector has the gradient 0, as in PyTorch', async () => {
    const x = { dims: [2, 2], data: Float32Array.of(0, 0, 3, 4) };
    const gradient = await at(x, (b) => b.op('ReduceL2', ['x', b.ints([1])], { keepdims: 0 }), 2);
    [0, 0, 0.6, 0.8].forEach((value, i) => {
      expect(gradient[i]).toBeCloseTo(value, 6);
    });
  });
});
