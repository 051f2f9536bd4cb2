import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { CASES, expectGradient, gradientModel, type Subject } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const sizes = (min: number, max: number, minLength: number, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength, maxLength });

/** Squared first, so that every element has a different gradient and a wrong index is noticed. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

describe('operators that move elements give each its own cotangent back', () => {
  it('Reshape, with axes copied (0) and inferred (-1), or with zeros that would mean themselves (allowzero)', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 2),
        fc.boolean(),
        fc.constantFrom('flat', 'reversed', 'copied', 'inferred'),
        fc.boolean(),
        (seed, dims, open, kind, literal) => {
          const target = {
            flat: [-1],
            reversed: open ? [-1, ...dims.slice(0, -1).reverse()] : [...dims].reverse(),
            copied: [0, -1],
            inferred: [0, ...dims.slice(1, -1), -1, 1],
          }[kind];
          return expectGradient(
            {
              operands: { x: sample(seed, dims) },
              open: open ? ['x'] : [],
              build: (b) =>
                squared(
                  b,
                  b.op('Reshape', ['x', b.ints(target)], { allowzero: Number(literal && !target.includes(0)) }),
                ),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('Flatten at any axis', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 1).chain((dims) =>
          fc.tuple(
            fc.constant(dims),
            fc.option(fc.integer({ min: -dims.length, max: dims.length }), { nil: undefined }),
          ),
        ),
        fc.boolean(),
        (seed, [dims, axis], open) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims) },
              open: open ? ['x'] : [],
              build: (b) => squared(b, b.op('Flatten', ['x'], { axis })),
            },
            seed,
          ),
      ),
      CASES,
    ));

  it('Transpose by any permutation, and reversed where none is given', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 1).chain((dims) =>
          fc.tuple(
            fc.constant(dims),
            fc.option(
              fc.shuffledSubarray(
                dims.map((_, axis) => axis),
                { minLength: dims.length },
              ),
              { nil: undefined },
            ),
          ),
        ),
        (seed, [dims, perm]) =>
          expectGradient(
            { operands: { x: sample(seed, dims) }, build: (b) => squared(b, b.op('Transpose', ['x'], { perm })) },
            seed,
          ),
      ),
      CASES,
    ));

  it.each([[[1, 2, 0]], [[2, 0, 1]], [[0, 2, 3, 1]], [[3, 0, 1, 2]], [[1, 3, 0, 2]]])(
    'Transpose by %j, which is not its own inverse',
    (perm) =>
      expectGradient(
        {
          operands: { x: sample(1, [2, 3, 4, 5].slice(0, perm.length)) },
          build: (b) => squared(b, b.op('Transpose', ['x'], { perm })),
        },
        1,
      ),
  );

  it.each([[[1, 2, 0]], [[3, 0, 1, 2]]])('Transpose by %j of axes of one length', (perm) =>
    expectGradient(
      {
        operands: {
          x: sample(
            1,
            perm.map(() => 3),
          ),
        },
        build: (b) => squared(b, b.op('Transpose', ['x'], { perm })),
      },
      1,
    ),
  );

  it('Squeeze and Unsqueeze of any axes', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(2, 3, 1, 3).chain((dims) =>
          fc.tuple(fc.constant(dims), fc.subarray([0, 1, 2, 3].slice(0, dims.length + 1), { minLength: 1 })),
        ),
        fc.constantFrom('front', 'back', 'none'),
        (seed, [dims, axes], count) => {
          const rank = dims.length + axes.length;
          const rest = [...dims];
          const wide = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!));
          const given = axes.map((axis) => (count === 'back' ? axis - rank : axis));
          return expectGradient(
            {
              operands: { wide: sample(seed, wide), narrow: sample(seed + 2, dims) },
              build: (b) => {
                const squeezed = b.op('Squeeze', count === 'none' ? ['wide'] : ['wide', b.ints(given)]);
                return b.op('Mul', [
                  b.op('Unsqueeze', [squeezed, b.ints(axes)]),
                  b.op('Unsqueeze', ['narrow', b.ints(given)]),
                ]);
              },
            },
            seed,
          );
        },
      ),
      CASES,
    ));

  it('Identity and Cast between float types', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 3]) },
        build: (b) => b.op('Cast', [squared(b, b.op('Cast', [b.op('Identity', ['x'])], { to: 11 }))], { to: 1 }),
      },
      1,
    ));

  it('CastLike between float types', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 3]) },
        build: (b) => {
          const wide = b.constant({ type: 'float64', dims: [], data: Float64Array.of(0) });
          return b.op('CastLike', [squared(b, b.op('CastLike', ['x', wide])), b.scalar(0)]);
        },
      },
      1,
    ));

  it('a way through whole numbers adds nothing to a smooth one beside it', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 3], 0.25, 0.75) },
        build: (b) => {
          const whole = b.op('Cast', [b.op('Cast', ['x'], { to: 7 })], { to: 1 });
          return b.op('Add', [squared(b, 'x'), whole]);
        },
      },
      1,
    ));
});

it('Dropout passes its input on, as long as it is not in training', async () => {
  const x = sample(1, [2, 3]);
  const training = (value: number): Subject => ({
    operands: { x },
    build: (b) => {
      const flag = b.constant({ type: 'bool', dims: [], data: Uint8Array.of(value) });
      return squared(b, b.op('Dropout', ['x', b.scalar(0.5), flag]));
    },
  });
  await expectGradient({ operands: { x }, build: (b) => squared(b, b.op('Dropout', ['x'])) }, 1);
  await expectGradient(training(0), 1);
  expect(() => gradientModel(training(1), ['x'])).toThrow('it may be in training mode');
});

describe('what has no gradient says so', () => {
  const x = sample(1, [4, 4]);
  const refuses = (subject: Subject, message: RegExp): void => {
    expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['x'])).toThrow(message);
  };
  it.each(['OneHot', 'Range', 'EyeLike', 'NonZero'])('%s', (opType) =>
    refuses(
      {
        operands: { x },
        build: (b) => {
          const whole = b.op('Cast', ['x'], { to: 7 });
          const depth = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(2n) });
          const values = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) });
          const first = b.op('ReduceMin', ['x'], { keepdims: 0 });
          return {
            OneHot: () => b.op('OneHot', [whole, depth, values]),
            Range: () => b.op('Range', [first, b.scalar(4), b.scalar(1)]),
            EyeLike: () => b.op('EyeLike', ['x']),
            NonZero: () => b.op('Cast', [b.op('NonZero', ['x'])], { to: 1 }),
          }[opType]!();
        },
      },
      opType === 'OneHot' ? /Cast .*: it is flat/ : new RegExp(`${opType} .*: it is flat`),
    ),
  );
  it('Cast to whole numbers', () =>
    refuses(
      {
        operands: { x },
        build: (b) => b.op('Cast', [b.op('Cast', ['x'], { to: 7 })], { to: 1 }),
      },
      /^No gradient flows through Cast \(node Cast__0: it is flat wherever it is smooth\);/,
    ));
});
