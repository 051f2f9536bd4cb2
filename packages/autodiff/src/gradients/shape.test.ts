import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoGradientError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { CASES, expectGradient, gradientModel, type Subject } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const sizes = (min: number, max: number, minLength: number, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength, maxLength });

/** Squared on the way, so that each element has a gradient of its own and a wrong place shows. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

describe('operators that move elements give each its own cotangent back', () => {
  it('Reshape, with axes copied (0) and inferred (-1)', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 2),
        fc.boolean(),
        fc.constantFrom('flat', 'reversed', 'copied', 'inferred'),
        (seed, dims, open, kind) => {
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
              build: (b) => squared(b, b.op('Reshape', ['x', b.ints(target)])),
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

describe('operators that cut and join', () => {
  it('Concat of one to four values, one of them twice, some constant', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 3, 1),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        fc.boolean(),
        fc.boolean(),
        (seed, dims, lengths, place, twice, fromBack) => {
          const axis = place % dims.length;
          const operands = Object.fromEntries(
            lengths.map((length, i): [string, Sample] => [
              `x${i}`,
              sample(
                seed + 2 * i,
                dims.map((dim, at) => (at === axis ? length : dim)),
              ),
            ]),
          );
          const names = Object.keys(operands);
          return expectGradient(
            {
              operands,
              constants: names.slice(2),
              build: (b) =>
                squared(
                  b,
                  b.op('Concat', twice ? [...names, 'x0'] : names, { axis: fromBack ? axis - dims.length : axis }),
                ),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 30 },
    ));

  it('Split into given or equal parts, of which some are used, in another order', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 3, 1),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        fc.boolean(),
        fc.nat(100),
        (seed, dims, parts, place, equal, choice) => {
          const axis = place % dims.length;
          const lengths = equal ? parts.map(() => parts[0]!) : parts;
          const total = lengths.reduce((sum, length) => sum + length, 0);
          return expectGradient(
            {
              operands: {
                x: sample(
                  seed,
                  dims.map((dim, at) => (at === axis ? total : dim)),
                ),
              },
              build: (b) => {
                const pieces = equal
                  ? b.ops('Split', ['x'], lengths.length, { axis, num_outputs: lengths.length })
                  : b.ops('Split', ['x', b.ints(lengths)], lengths.length, { axis });
                const used = pieces.filter((_, i) => i !== choice % (pieces.length + 1)).reverse();
                return squared(b, b.op('Concat', used.length > 0 ? used : [...pieces], { axis }));
              },
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 30 },
    ));

  it('Split with a short last part', () =>
    expectGradient(
      {
        operands: { x: sample(4, [2, 7]) },
        build: (b) => {
          const [first, , last] = b.ops('Split', ['x'], 3, { axis: 1, num_outputs: 3 });
          return b.op('Mul', [b.op('ReduceSum', [first!, b.ints([1])]), last!]);
        },
      },
      4,
    ));

  it('Slice with steps of either sign, and bounds from the front, from the back and out of reach', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(2, 6, 1, 3).chain((dims) =>
          fc.tuple(
            fc.constant(dims),
            fc.subarray(
              dims.map((_, axis) => axis),
              { minLength: 1 },
            ),
            fc.array(
              fc.record({
                start: fc.integer({ min: -8, max: 8 }),
                end: fc.oneof(fc.integer({ min: -8, max: 8 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31))),
                step: fc.constantFrom(-3, -2, -1, 1, 1, 2, 3),
              }),
              { minLength: dims.length, maxLength: dims.length },
            ),
            fc.boolean(),
          ),
        ),
        async (seed, [dims, axes, cuts, fromBack]) => {
          const used = cuts.slice(0, axes.length);
          // What Python's slices say about a list of that length: empty results have no gradient to look at.
          const empty = axes.some((axis, i) => {
            const { start, end, step } = used[i]!;
            return pythonSlice(dims[axis]!, start, end, step).length === 0;
          });
          fc.pre(!empty);
          await expectGradient(
            {
              operands: { x: sample(seed, dims) },
              build: (b) =>
                squared(
                  b,
                  b.op('Slice', [
                    'x',
                    b.ints(used.map(({ start }) => start)),
                    b.ints(used.map(({ end }) => end)),
                    b.ints(axes.map((axis) => (fromBack ? axis - dims.length : axis))),
                    b.ints(used.map(({ step }) => step)),
                  ]),
                ),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 60 },
    ));

  it('Slice of an open batch along another axis', () =>
    expectGradient(
      {
        operands: { x: sample(8, [3, 5, 2]) },
        open: ['x'],
        build: (b) => squared(b, b.op('Slice', ['x', b.ints([4]), b.ints([-9]), b.ints([1]), b.ints([-2])])),
      },
      8,
    ));

  it('Pad with any constant, by any widths, also negative ones, on some axes', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(3, 4, 1, 3).chain((dims) =>
          fc.tuple(
            fc.constant(dims),
            fc.option(
              fc.subarray(
                dims.map((_, axis) => axis),
                { minLength: 1 },
              ),
              { nil: undefined },
            ),
            fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 6, maxLength: 6 }),
          ),
        ),
        fc.constantFrom(undefined, 0, 2),
        (seed, [dims, axes, widths], value) => {
          const count = axes?.length ?? dims.length;
          return expectGradient(
            {
              operands: { x: sample(seed, dims) },
              build: (b) =>
                squared(
                  b,
                  b.op('Pad', [
                    'x',
                    b.ints(widths.slice(0, 2 * count)),
                    ...(value === undefined && axes === undefined ? [] : [value === undefined ? '' : b.scalar(value)]),
                    ...(axes === undefined ? [] : [b.ints(axes)]),
                  ]),
                ),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 40 },
    ));
});

describe('what has no gradient says so', () => {
  const x = sample(1, [4, 4]);
  const refuses = (subject: Subject, message: string): void => {
    expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['x'])).toThrow(message);
  };
  it('Pad that mirrors', () =>
    refuses(
      { operands: { x }, build: (b) => b.op('Pad', ['x', b.ints([1, 1, 1, 1])], { mode: 'reflect' }) },
      'its mode reflect has no gradient here',
    ));
  it('Cast from whole numbers', () =>
    refuses(
      {
        operands: { x },
        build: (b) => b.op('Cast', [b.op('Cast', ['x'], { to: 7 })], { to: 1 }),
      },
      'it casts from int64',
    ));
});

/** The places that `range(length)[start:end:step]` picks. */
function pythonSlice(length: number, start: number, end: number, step: number): number[] {
  const bound = (at: number, low: number, high: number): number =>
    Math.max(low, Math.min(high, at < 0 ? at + length : at));
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const places: number[] = [];
  const to = bound(end, low, high);
  for (let at = bound(start, low, high); step > 0 ? at < to : at > to; at += step) places.push(at);
  return places;
}
