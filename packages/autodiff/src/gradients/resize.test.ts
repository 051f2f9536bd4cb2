import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { computed } from '../testing/computed.ts';
import { CASES, expectGradient, gradientModel, gradientsOf } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const lengths = (rank: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 5 }), { minLength: rank, maxLength: rank });

/** Squared first, so that every element has a different gradient and a wrong index is noticed. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

const floats = (b: GraphBuilder, numbers: readonly number[]): string =>
  b.constant({ type: 'float32', dims: [numbers.length], data: Float32Array.from(numbers) });

const COORDINATES = ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

/** Batch, channels, two axes of any size, and their new sizes. */
const plane = fc.tuple(lengths(4), lengths(2), fc.boolean());

describe('Resize by sizes or scales', () => {
  const modes = [
    ...[...COORDINATES, 'tf_half_pixel_for_nn'].flatMap((coordinates) =>
      ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest_mode) => ({
        mode: 'nearest',
        coordinate_transformation_mode: coordinates,
        nearest_mode,
      })),
    ),
    ...COORDINATES.flatMap((coordinates) =>
      [0, 1].map((antialias) => ({ mode: 'linear', coordinate_transformation_mode: coordinates, antialias })),
    ),
    ...COORDINATES.flatMap((coordinates) =>
      [0, 1].map((exclude_outside) => ({
        mode: 'cubic',
        coordinate_transformation_mode: coordinates,
        cubic_coeff_a: -0.5,
        exclude_outside,
      })),
    ),
    { mode: 'cubic', coordinate_transformation_mode: 'half_pixel', antialias: 1 },
  ];

  it.each(modes.map((mode) => [Object.values(mode).join(', '), mode] as const))('%s', (_, attributes) =>
    fc.assert(
      fc.asyncProperty(seeds, plane, fc.boolean(), (seed, [dims, sizes, open], byScale) => {
        const wanted = [...dims.slice(0, 2), ...sizes];
        return expectGradient(
          {
            operands: { x: sample(seed, dims) },
            open: open && byScale ? ['x'] : [],
            build: (b) => {
              const scales = wanted.map((length, axis) => (axis < 2 ? 1 : (length + 0.25) / dims[axis]!));
              const inputs = byScale ? ['x', '', floats(b, scales)] : ['x', '', '', b.ints(wanted)];
              return squared(b, b.op('Resize', inputs, attributes));
            },
          },
          seed,
        );
      }),
      { ...CASES, numRuns: 5 },
    ),
  );

  it('enlarges by whole factors, where every pixel becomes a block', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 1, max: 3 }).chain((rank) => fc.tuple(lengths(rank + 2), lengths(rank))),
        fc.constantFrom(
          ...COORDINATES.slice(0, 3).map((coordinates) => [coordinates, 'round_prefer_floor'] as const),
          ...COORDINATES.slice(0, 3).map((coordinates) => [coordinates, 'round_prefer_ceil'] as const),
          ['asymmetric', 'floor'] as const,
          ['tf_half_pixel_for_nn', 'floor'] as const,
        ),
        fc.boolean(),
        (seed, [dims, factors], [coordinates, nearest_mode], open) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims) },
              open: open ? ['x'] : [],
              openAxes: [0, 2],
              build: (b) =>
                squared(
                  b,
                  b.op('Resize', ['x', '', floats(b, [1, 1, ...factors])], {
                    coordinate_transformation_mode: coordinates,
                    nearest_mode,
                  }),
                ),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 30 },
    ));

  it('a pixel that became a block gets the sum over it', async () => {
    const x = sample(1, [1, 1, 1, 2]);
    const cotangent = { dims: [1, 1, 2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const subject = {
      operands: { x },
      build: (b: GraphBuilder) => b.op('Resize', ['x', '', floats(b, [1, 1, 2, 2])]),
    };
    const { x: gradient } = await gradientsOf(subject, ['x'], { x }, cotangent);
    expect([...gradient!.data]).toEqual([1 + 2 + 5 + 6, 3 + 4 + 7 + 8]);
  });

  it.each([
    ['nearest', [2, 3, 4], [4, 2, 5]],
    ['linear', [3, 4], [5, 2]],
    ['linear', [2, 3, 4], [3, 5, 2]],
    ['linear', [1, 2, 3, 2, 4], [1, 2, 2, 4, 3]],
    ['cubic', [3, 4], [5, 2]],
  ])('%s of %j to %j', (mode, from, to) =>
    expectGradient(
      {
        operands: { x: sample(1, from) },
        build: (b) => squared(b, b.op('Resize', ['x', '', '', b.ints(to)], { mode })),
      },
      1,
    ),
  );

  it('of images whose channels come last', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 3, 4, 3]) },
        open: ['x'],
        build: (b) => squared(b, b.op('Resize', ['x', '', floats(b, [1, 2, 1.5, 1])], { mode: 'linear' })),
      },
      1,
    ));

  describe.each(['nearest', 'linear', 'cubic'])('%s by scales that leave an axis as long as it was', (mode) => {
    it.each(COORDINATES.flatMap((coordinates) => [4, 9].map((height) => [coordinates, height] as const)))(
      '%s, to %i rows',
      (coordinate_transformation_mode, height) =>
        expectGradient(
          {
            operands: { x: sample(1, [2, 2, 4, 7]) },
            build: (b) => {
              const scales = floats(b, [1, 1, (height + 0.25) / 4, 1.13]);
              return squared(b, b.op('Resize', ['x', '', scales], { mode, coordinate_transformation_mode }));
            },
          },
          1,
        ),
    );
  });

  it('of some axes only', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 2, 3, 4]) },
        open: ['x'],
        build: (b) => squared(b, b.op('Resize', ['x', '', '', b.ints([5, 2])], { mode: 'linear', axes: [2, 3] })),
      },
      1,
    ));

  it.each(['nearest', 'linear', 'cubic'])('%s of images of open size, to sizes that are computed', (mode) =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 2, 3, 4]) },
        open: ['x'],
        openAxes: [0, 2, 3],
        build: (b) => {
          const front = b.op('Slice', [b.op('Shape', ['x']), b.ints([0]), b.ints([2])]);
          const sizes = b.op('Concat', [front, computed(b, [5, 3])], { axis: 0 });
          return squared(b, b.op('Resize', ['x', '', '', sizes], { mode }));
        },
      },
      1,
    ),
  );

  it.each(['nearest', 'linear', 'cubic'])('%s of a region, outside of which is a constant', (mode) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        plane,
        fc.array(fc.float({ min: -0.25, max: 0.5, noNaN: true }), { minLength: 2, maxLength: 2 }),
        fc.array(fc.float({ min: 0.75, max: 1.25, noNaN: true }), { minLength: 2, maxLength: 2 }),
        (seed, [dims, sizes], starts, ends) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims) },
              build: (b) =>
                squared(
                  b,
                  b.op(
                    'Resize',
                    ['x', floats(b, [0, 0, ...starts, 1, 1, ...ends]), '', b.ints([...dims.slice(0, 2), ...sizes])],
                    { mode, coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: 3 },
                  ),
                ),
            },
            seed,
          ),
      ),
      CASES,
    ),
  );

  it('has no gradient where it keeps the proportions, and says so', () => {
    const subject = {
      operands: { x: sample(1, [1, 1, 3, 4]) },
      build: (b: GraphBuilder) =>
        b.op('Resize', ['x', '', '', b.ints([5, 5])], { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' }),
    };
    expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['x'])).toThrow('its keep_aspect_ratio_policy not_larger has no gradient here');
  });
});
