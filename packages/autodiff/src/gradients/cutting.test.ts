import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { computed } from '../testing/computed.ts';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const sizes = (min: number, max: number, minLength: number, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength, maxLength });

/** Squared first, so that every element has a different gradient and a wrong index is noticed. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

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
          // As Python slices a list of that length: an empty result has no gradient to check.
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

  it.each([
    [1, 2],
    [1, -1],
    [2, 3],
    [2, -1],
  ])('Slice of so many rows along axis %i, by steps of %i, that they are copied or multiplied', (axis, step) =>
    expectGradient(
      {
        operands: { x: sample(9, [2, 40, 40]) },
        open: ['x'],
        build: (b) => {
          const [start, end] = step > 0 ? [1, 99] : [-2, -99];
          return squared(b, b.op('Slice', ['x', b.ints([start]), b.ints([end]), b.ints([axis]), b.ints([step])]));
        },
      },
      9,
    ),
  );

  it('Slice of an open batch along another axis', () =>
    expectGradient(
      {
        operands: { x: sample(8, [3, 5, 2]) },
        open: ['x'],
        build: (b) => squared(b, b.op('Slice', ['x', b.ints([4]), b.ints([-9]), b.ints([1]), b.ints([-2])])),
      },
      8,
    ));

  it('Slice with bounds and steps that are computed', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.record({
          start: fc.integer({ min: -6, max: 5 }),
          end: fc.integer({ min: -8, max: 8 }),
          step: fc.constantFrom(-2, -1, 1, 2),
        }),
        fc.integer({ min: 0, max: 2 }),
        fc.boolean(),
        async (seed, { start, end, step }, axis, open) => {
          const dims = [5, 6, 4];
          fc.pre(pythonSlice(dims[axis]!, start, end, step).length > 0);
          await expectGradient(
            {
              operands: { x: sample(seed, dims) },
              open: open ? ['x'] : [],
              openAxes: [0, 2],
              build: (b) =>
                squared(
                  b,
                  b.op('Slice', ['x', computed(b, [start]), computed(b, [end]), b.ints([axis]), computed(b, [step])]),
                ),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('Slice of an axis whose length is open', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.constantFrom([0, 3, 1], [1, 2 ** 31 - 1, 1], [-2, 2 ** 40, 1], [4, -6, -2], [0, 2 ** 31 - 1, 2]),
        fc.boolean(),
        (seed, [start, end, step], last) =>
          expectGradient(
            {
              operands: { x: sample(seed, [5, 3, 5]) },
              open: ['x'],
              openAxes: [0, 2],
              build: (b) =>
                squared(
                  b,
                  b.op('Slice', ['x', b.ints([start!]), b.ints([end!]), b.ints([last ? 2 : 0]), b.ints([step!])]),
                ),
            },
            seed,
          ),
      ),
      CASES,
    ));

  it('Concat along an axis whose lengths are open', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 3]), y: sample(2, [1, 3]), z: sample(3, [4, 3]) },
        open: ['x', 'z'],
        build: (b) => squared(b, b.op('Concat', ['x', 'y', 'z', 'x'], { axis: 0 })),
      },
      1,
    ));

  it('Split of an axis whose length is open', () =>
    expectGradient(
      {
        operands: { x: sample(1, [5, 3]) },
        open: ['x'],
        build: (b) => {
          const [first, second] = b.ops('Split', ['x', computed(b, [2, 3])], 2, { axis: 0 });
          return b.op('Concat', [squared(b, second!), first!], { axis: 0 });
        },
      },
      1,
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
