import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { CASES, expectGradient, gradientModel, gradientsOf } from '../testing/finite-differences.ts';
import { apart, type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const shapeAndAxis = shapes.chain((dims) =>
  fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 }), fc.boolean()),
);

describe.each(['Softmax', 'LogSoftmax'])('%s', (opType) => {
  it('has the gradient that differences show, along any axis', () =>
    fc.assert(
      fc.asyncProperty(seeds, shapeAndAxis, (seed, [dims, axis, open]) =>
        expectGradient(
          {
            operands: { x: sample(seed, dims, -3, 3) },
            open: open ? ['x'] : [],
            build: (b) => b.op(opType, ['x'], { axis }),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('goes along the last axis where none is given', () =>
    expectGradient({ operands: { x: sample(1, [3, 4]) }, build: (b) => b.op(opType, ['x']) }, 1));

  it('keeps a finite gradient where one class is certain', async () => {
    const x: Sample = { dims: [1, 3], data: Float32Array.of(300, 0, -300) };
    const g: Sample = { dims: [1, 3], data: Float32Array.of(1, 2, 3) };
    const build = (b: GraphBuilder): string => b.op(opType, ['x'], { axis: 1 });
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, g);
    // Softmax: all of y (g - sum g y) vanishes. LogSoftmax: g - p sum(g) with p = (1, 0, 0).
    const limit = opType === 'Softmax' ? [0, 0, 0] : [1 - 6, 2, 3];
    expect([...gradient!.data].map((value) => value + 0)).toEqual(limit);
  });
});

describe('LpNormalization', () => {
  it.each([1, 2])('has the gradient that differences show along any axis, p = %d', (p) =>
    fc.assert(
      fc.asyncProperty(seeds, shapeAndAxis, (seed, [dims, axis, open]) =>
        expectGradient(
          {
            operands: { x: apart(seed, dims) },
            open: open ? ['x'] : [],
            build: (b) => b.op('LpNormalization', ['x'], { axis, p }),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 25 },
    ),
  );

  it.each([1, 2])('has the gradient 0 where all of a row is 0, p = %d', async (p) => {
    const x: Sample = { dims: [2, 2], data: Float32Array.of(0, 0, 3, 4) };
    const g: Sample = { dims: [2, 2], data: Float32Array.of(1, 2, 1, 0) };
    const build = (b: GraphBuilder): string => b.op('LpNormalization', ['x'], { p });
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, g);
    // Of x/|x| at (3, 4): along (1, 0) it is (16, -12)/125; of x/(|x1| + |x2|) it is (4, -3)/49.
    const second = p === 2 ? [16 / 125, -12 / 125] : [4 / 49, -3 / 49];
    [0, 0, ...second].forEach((value, i) => {
      expect(gradient!.data[i]).toBeCloseTo(value, 6);
    });
  });
});

describe('MeanVarianceNormalization', () => {
  it('has the gradient that differences show over any axes', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(undefined, [2, 3], [1, 2, 3], [0, 3], [-1]),
        fc.boolean(),
        (seed, dims, axes, open) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims, -2, 2) },
              open: open ? ['x'] : [],
              build: (b) => b.op('MeanVarianceNormalization', ['x'], { axes }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 25 },
    ));
});

describe('LRN', () => {
  it('has the gradient that differences show, for windows of any odd size', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.tuple(
          fc.integer({ min: 1, max: 2 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 4 }),
        ),
        fc.constantFrom(1, 3, 5, 7),
        fc.constantFrom({}, { alpha: 2, beta: 0.75, bias: 2 }, { alpha: 1.5, beta: 0.5, bias: 1 }),
        fc.constantFrom([], [0], [0, 2, 3]),
        (seed, dims, size, attributes, openAxes) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims, -3, 3) },
              open: ['x'],
              openAxes,
              build: (b) => b.op('LRN', ['x'], { ...attributes, size }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 30 },
    ));

  it('of one channel is x / (bias + alpha x^2)^beta', async () => {
    const x: Sample = { dims: [1, 1, 1, 1], data: Float32Array.of(2) };
    const g: Sample = { dims: [1, 1, 1, 1], data: Float32Array.of(1) };
    const build = (b: GraphBuilder): string => b.op('LRN', ['x'], { size: 1, alpha: 0.5, beta: 0.75, bias: 1 });
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, g);
    // s = 3: 3^-0.75 - 2 0.5 0.75 4 3^-1.75.
    expect(gradient!.data[0]).toBeCloseTo(3 ** -0.75 - 3 * 3 ** -1.75, 6);
  });
});

it('Hardmax is flat and says so', () => {
  const subject = {
    operands: { x: sample(1, [2, 3]) },
    build: (b: GraphBuilder) => b.op('Hardmax', ['x']),
  };
  expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
  expect(() => gradientModel(subject, ['x'])).toThrow('it is flat wherever it is smooth');
});
