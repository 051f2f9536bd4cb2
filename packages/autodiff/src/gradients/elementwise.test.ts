import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attributes, GraphBuilder } from '../builder/builder.ts';
import { CASES, expectGradient, gradientsOf } from '../testing/finite-differences.ts';
import { apart, type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

/** Shapes that broadcast with each other: axes of length 1, missing axes. */
const broadcasting = (count: number): fc.Arbitrary<number[][]> =>
  shapes.chain((shape) =>
    fc.array(
      fc
        .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
        .map(([missing, stretched]) => shape.map((dim, axis) => (stretched[axis] ? 1 : dim)).slice(missing)),
      { minLength: count, maxLength: count },
    ),
  );

const op =
  (opType: string, inputs: readonly string[], attributes: Attributes = {}) =>
  (b: GraphBuilder): string =>
    b.op(opType, inputs, attributes);

/** Intervals where the function is smooth, away from singularities. */
const SMOOTH: Readonly<Record<string, readonly [low: number, high: number]>> = {
  Erf: [-2, 2],
  Exp: [-2, 2],
  Log: [0.5, 3],
  Neg: [-2, 2],
  Reciprocal: [0.5, 2],
  Sigmoid: [-4, 4],
  Softplus: [-4, 4],
  Sqrt: [0.5, 3],
  Tanh: [-2, 2],
};

describe('operators of one input have the derivative that differences show', () => {
  it.each(Object.entries(SMOOTH))('%s', (opType, [low, high]) =>
    fc.assert(
      fc.asyncProperty(seeds, shapes, (seed, dims) =>
        expectGradient({ operands: { x: sample(seed, dims, low, high) }, build: op(opType, ['x']) }, seed),
      ),
      CASES,
    ),
  );

  it.each([
    ['Abs', {}],
    ['Relu', {}],
    ['LeakyRelu', {}],
    ['LeakyRelu', { alpha: 0.3 }],
    ['LeakyRelu', { alpha: 2 }],
  ] as const)('%s %j, off its kink', (opType, attributes) =>
    fc.assert(
      fc.asyncProperty(seeds, shapes, (seed, dims) =>
        expectGradient({ operands: { x: apart(seed, dims) }, build: op(opType, ['x'], attributes) }, seed),
      ),
      CASES,
    ),
  );

  it.each([
    ['both bounds', -0.5, 0.75],
    ['a lower bound', -0.5, undefined],
    ['an upper bound', undefined, 0.75],
    ['no bound', undefined, undefined],
  ])('Clip with %s, off the bounds', (_, low, high) =>
    fc.assert(
      fc.asyncProperty(seeds, shapes, (seed, dims) =>
        expectGradient(
          {
            operands: { x: apart(seed, dims) },
            build: (b) => {
              const bound = (value: number | undefined): string => (value === undefined ? '' : b.scalar(value));
              return b.op('Clip', ['x', bound(low), bound(high)]);
            },
          },
          seed,
        ),
      ),
      CASES,
    ),
  );
});

describe('operators that broadcast give each input the sum over its copies', () => {
  const two = (seed: number, [left = [], right = []]: number[][]): Record<'x' | 'y', Sample> => ({
    x: sample(seed, left, -2, 2),
    y: sample(seed + 2, right, -2, 2),
  });

  it.each(['Add', 'Sub', 'Mul'])('%s', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, broadcasting(2), (seed, dims) =>
        expectGradient({ operands: two(seed, dims), build: op(opType, ['x', 'y']) }, seed),
      ),
      { ...CASES, numRuns: 40 },
    ),
  );

  it.each(['Add', 'Sub', 'Mul'])('%s of a value with itself', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, shapes, (seed, dims) =>
        expectGradient({ operands: { x: sample(seed, dims) }, build: op(opType, ['x', 'x']) }, seed),
      ),
      CASES,
    ),
  );

  it.each(['Add', 'Sub', 'Mul', 'Div'])('%s with an open batch axis beside one that is stretched', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, fc.boolean(), (seed, swap) =>
        expectGradient(
          {
            operands: { x: sample(seed, [3, 2, 4], 1, 2), y: sample(seed + 2, [1, 2, 1], 1, 2) },
            open: ['x'],
            build: op(opType, swap ? ['y', 'x'] : ['x', 'y']),
          },
          seed,
        ),
      ),
      CASES,
    ),
  );

  it('Div, by either sign', () =>
    fc.assert(
      fc.asyncProperty(seeds, broadcasting(2), fc.constantFrom(-1, 1), (seed, [left = [], right = []], sign) => {
        const [low, high] = sign > 0 ? [0.5, 2] : [-2, -0.5];
        const operands = { x: sample(seed, left), y: sample(seed + 2, right, low, high) };
        return expectGradient({ operands, build: op('Div', ['x', 'y']) }, seed);
      }),
      { ...CASES, numRuns: 40 },
    ));

  it.each([-1, 0, 0.5, 1, 2, 3])('Pow to %d, the base stretched to the exponent', (exponent) =>
    fc.assert(
      fc.asyncProperty(seeds, broadcasting(2), (seed, [left = [], right = []]) =>
        expectGradient(
          {
            operands: { x: sample(seed, left, 0.5, 2) },
            build: (b) => {
              const data = new Float32Array(right.reduce((a, dim) => a * dim, 1)).fill(exponent);
              return b.op('Pow', ['x', b.constant({ type: 'float32', dims: right, data })]);
            },
          },
          seed,
        ),
      ),
      CASES,
    ),
  );

  it.each(['Sum', 'Mean'])('%s of one to three inputs', (opType) =>
    fc.assert(
      fc.asyncProperty(seeds, broadcasting(3), fc.integer({ min: 1, max: 3 }), (seed, dims, count) => {
        const names = ['x', 'y', 'z'].slice(0, count);
        const operands = Object.fromEntries(names.map((name, i) => [name, sample(seed + 2 * i, dims[i]!)]));
        return expectGradient({ operands, build: op(opType, names) }, seed);
      }),
      CASES,
    ),
  );

  it('Where, both sides and the condition broadcasting', () =>
    fc.assert(
      fc.asyncProperty(seeds, broadcasting(3), (seed, [condition = [], left = [], right = []]) =>
        expectGradient(
          {
            operands: { c: apart(seed, condition), x: sample(seed + 2, left), y: sample(seed + 4, right) },
            constants: ['c'],
            build: (b) => b.op('Where', [b.op('Greater', ['c', b.scalar(0)]), 'x', 'y']),
          },
          seed,
        ),
      ),
      CASES,
    ));
});

describe('at kinks the gradient is PyTorch’s', () => {
  const at = async (points: readonly number[], build: (b: GraphBuilder) => string): Promise<number[]> => {
    const x: Sample = { dims: [points.length], data: Float32Array.from(points) };
    const ones: Sample = { dims: x.dims, data: new Float32Array(points.length).fill(1) };
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, ones);
    return [...gradient!.data].map((value) => value + 0);
  };

  it("ReLU'(0) = 0, and 1 for the smallest normal number", async () => {
    expect(await at([-1, -0, 0, 2 ** -126, 1e-30, 1], op('Relu', ['x']))).toEqual([0, 0, 0, 1, 1, 1]);
  });
  it("LeakyReLU'(0) = alpha", async () => {
    expect(await at([-1, 0, 1], op('LeakyRelu', ['x'], { alpha: 0.25 }))).toEqual([0.25, 0.25, 1]);
  });
  it("|x|' = 0 at 0", async () => {
    expect(await at([-2, 0, 2], op('Abs', ['x']))).toEqual([-1, 0, 1]);
  });
  it("Clip' = 1 at its bounds", async () => {
    const clip = (b: GraphBuilder): string => b.op('Clip', ['x', b.scalar(-1), b.scalar(2)]);
    expect(await at([-1.5, -1, 0, 2, 2.5], clip)).toEqual([0, 1, 1, 1, 0]);
  });
  it('x^0 has the derivative 0, and x^1 the derivative 1, also at 0', async () => {
    expect(await at([-1, 1, 2], (b) => b.op('Pow', ['x', b.scalar(0)]))).toEqual([0, 0, 0]);
    expect(await at([-1, 0, 2], (b) => b.op('Pow', ['x', b.scalar(1)]))).toEqual([1, 1, 1]);
    expect(await at([-1, 0, 2], (b) => b.op('Pow', ['x', b.scalar(2)]))).toEqual([-2, 0, 4]);
    expect(await at([0], (b) => b.op('Pow', ['x', b.scalar(0)]))).toEqual([0]);
  });
});

describe('saturated functions keep finite gradients', () => {
  it.each(['Sigmoid', 'Tanh', 'Softplus'])('%s at -100 and 100', async (opType) => {
    const x: Sample = { dims: [2], data: Float32Array.of(-100, 100) };
    const ones: Sample = { dims: [2], data: Float32Array.of(1, 1) };
    const { x: gradient } = await gradientsOf({ operands: { x }, build: op(opType, ['x']) }, ['x'], { x }, ones);
    const limits = opType === 'Softplus' ? [0, 1] : [0, 0];
    limits.forEach((limit, i) => {
      expect(gradient!.data[i]).toBeCloseTo(limit, 6);
    });
  });
});
