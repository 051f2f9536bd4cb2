import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { elementCount } from '../model/tensor.ts';
import { computed } from '../testing/computed.ts';
import { CASES, expectGradient, gradientModel } from '../testing/finite-differences.ts';
import { apart, sample, uniforms } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const sizes = (min: number, max: number, minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength, maxLength });

/** Squared first, so that every element has a different gradient and a wrong index is noticed. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

/** Random indices on an axis, some of them negative. */
function places(seed: number, count: number, length: number): number[] {
  const next = uniforms(seed);
  return Array.from({ length: count }, () => Math.floor(2 * length * next()) - length);
}

const constant = (b: GraphBuilder, numbers: readonly number[], dims: readonly number[]): string =>
  b.constant({ type: 'int64', dims, data: BigInt64Array.from(numbers, BigInt) });

describe('Gather', () => {
  it.each([
    ['known', constant],
    ['computed', computed],
  ] as const)('of any axis by %s indices of any shape, some of them twice', (_, indices) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 1, 4).chain((dims) =>
          fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 })),
        ),
        sizes(1, 3, 0, 2),
        fc.boolean(),
        (seed, [dims, axis], shape, open) => {
          const taken = places(seed, elementCount(shape), dims.at(axis)!);
          return expectGradient(
            {
              operands: { x: sample(seed, dims) },
              open: open ? ['x'] : [],
              build: (b) => squared(b, b.op('Gather', ['x', indices(b, taken, shape)], { axis })),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 40 },
    ),
  );

  it.each([
    ['a class token', [0], []],
    ['rows one behind the other', [1, 2, 3], [3]],
    ['a permutation', [2, 0, 4, 1, 3], [5]],
    ['some rows', [4, -4], [2]],
  ])('of %s', (_, taken, shape) =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 5, 3]) },
        open: ['x'],
        build: (b) => squared(b, b.op('Gather', ['x', constant(b, taken, shape)], { axis: 1 })),
      },
      1,
    ),
  );

  it('of so many rows that they are added one by one', () => {
    const taken = places(7, 3000, 2000);
    return expectGradient(
      {
        operands: { x: sample(1, [2000, 2]) },
        build: (b) => squared(b, b.op('Gather', ['x', constant(b, taken, [3000])], { axis: 0 })),
      },
      1,
    );
  });
});

/** A node that gathers or scatters elements, on x and further operands. */
const everyElement = (
  opType: string,
  build: (b: GraphBuilder, indices: string, axis: number) => string,
  distinct: boolean,
): void => {
  it(opType, () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 1, 3).chain((dims) =>
          fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 })),
        ),
        fc.boolean(),
        fc.boolean(),
        (seed, [dims, axis], known, open) => {
          const length = dims.at(axis)!;
          const at = axis < 0 ? axis + dims.length : axis;
          const behind = elementCount(dims.slice(at + 1));
          // Each index along the axis once, rotated by another step in every row.
          const turned = Array.from({ length: elementCount(dims) }, (_, i) => {
            const row = Math.floor(i / behind) % length;
            const step = (i % behind) + Math.floor(i / (behind * length));
            return ((row + step + seed) % length) - (i % 2) * length;
          });
          const taken = distinct ? turned : places(seed, elementCount(dims), length);
          return expectGradient(
            {
              operands: { x: sample(seed, dims), y: sample(seed + 2, dims) },
              open: open ? ['x', 'y'] : [],
              build: (b) => squared(b, build(b, (known ? constant : computed)(b, taken, dims), axis)),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 20 },
    ),
  );
};

describe('element by element', () => {
  everyElement(
    'GatherElements',
    (b, at, axis) => b.op('GatherElements', [b.op('Mul', ['x', 'y']), at], { axis }),
    false,
  );
  everyElement('ScatterElements', (b, at, axis) => b.op('ScatterElements', ['x', at, 'y'], { axis }), true);
  everyElement(
    'ScatterElements that adds',
    (b, at, axis) => b.op('ScatterElements', ['x', at, 'y'], { axis, reduction: 'add' }),
    false,
  );

  it('ScatterElements of a part, which leaves the rest as it is', () =>
    expectGradient(
      {
        operands: { x: sample(1, [3, 4]), y: sample(2, [2, 2]) },
        build: (b) => squared(b, b.op('ScatterElements', ['x', constant(b, [3, 1, -4, 2], [2, 2]), 'y'], { axis: 1 })),
      },
      1,
    ));

  it.each([
    [
      'elements',
      [
        [0, 1],
        [2, -1],
        [0, 1],
      ],
      [3, 2],
    ],
    ['rows', [[2], [0], [2], [1]], [2, 2, 1]],
  ])('GatherND of %s', (_, taken, shape) =>
    expectGradient(
      {
        operands: { x: sample(1, [3, 4, 2]) },
        open: ['x'],
        build: (b) => squared(b, b.op('GatherND', ['x', constant(b, taken.flat(), shape)])),
      },
      1,
    ),
  );

  it.each([
    [
      'none',
      [
        [0, 1],
        [2, -1],
      ],
      [2, 2],
      [2, 2],
    ],
    ['add', [[2], [0], [2], [1]], [4, 1], [4, 4, 2]],
  ])('ScatterND with reduction %s', (reduction, at, shape, written) =>
    expectGradient(
      {
        operands: { x: sample(1, [3, 4, 2]), y: sample(2, written) },
        build: (b) => squared(b, b.op('ScatterND', ['x', constant(b, at.flat(), shape), 'y'], { reduction })),
      },
      1,
    ),
  );

  it('TopK of either end, along any axis', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 1, 3).chain((dims) =>
          fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 })),
        ),
        fc.nat(3),
        fc.nat(1),
        (seed, [dims, axis], k, largest) =>
          expectGradient(
            {
              operands: { x: apart(seed, dims) },
              build: (b) => {
                const count = b.ints([1 + (k % dims.at(axis)!)]);
                return squared(b, b.ops('TopK', ['x', count], 2, { axis, largest })[0]!);
              },
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 20 },
    ));

  it.each(['mul', 'max', 'min'])('has no gradient where it puts by %s, and says so', (reduction) => {
    const subject = {
      operands: { x: sample(1, [3]) },
      build: (b: GraphBuilder) =>
        b.op('ScatterElements', ['x', constant(b, [1], [1]), b.op('Slice', ['x', b.ints([0]), b.ints([1])])], {
          reduction,
        }),
    };
    expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['x'])).toThrow(`its reduction ${reduction} has no gradient here`);
  });
});
