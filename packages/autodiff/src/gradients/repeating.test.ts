import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { computed } from '../testing/computed.ts';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const sizes = (min: number, max: number, minLength: number, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength, maxLength });

/** Squared first, so that every element has a different gradient and a wrong index is noticed. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

describe('operators that repeat, fold and turn', () => {
  it('Expand to a known shape, of more axes or the same', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(2, 3, 1, 3),
        fc.nat(7),
        fc.nat(7),
        fc.boolean(),
        (seed, dims, ones, more, short) => {
          const from = dims.map((dim, axis) => ((ones >> axis) & 1 ? 1 : dim));
          const target = dims.map((dim, axis) => ((more >> axis) & 1 ? 1 : dim));
          return expectGradient(
            {
              operands: { x: sample(seed, from) },
              build: (b) => squared(b, b.op('Expand', ['x', b.ints(short ? target.slice(1) : [2, ...target])])),
            },
            seed,
          );
        },
      ),
      CASES,
    ));

  it('Expand to a shape that is computed, as a class token is stretched over the batch', () =>
    expectGradient(
      {
        operands: { token: sample(1, [1, 1, 4]), x: sample(2, [3, 2, 4]) },
        open: ['x'],
        build: (b) => {
          const batch = b.op('Gather', [b.op('Shape', ['x']), b.ints([0])]);
          const target = b.op('Concat', [batch, b.ints([-1, -1])], { axis: 0 });
          const one = b.op('Where', [b.op('Equal', [target, b.ints([-1])]), b.ints([1]), target]);
          return squared(b, b.op('Concat', [b.op('Expand', ['token', one]), 'x'], { axis: 1 }));
        },
      },
      1,
    ));

  it.each(['known', 'computed'])('Tile by %s repeats, of open axes too', (kind) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 3, 1, 3).chain((dims) => fc.tuple(fc.constant(dims), sizes(1, 3, dims.length, dims.length))),
        fc.boolean(),
        (seed, [dims, repeats], open) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims) },
              open: open ? ['x'] : [],
              openAxes: [0, 1],
              build: (b) => squared(b, b.op('Tile', ['x', kind === 'known' ? b.ints(repeats) : computed(b, repeats)])),
            },
            seed,
          ),
      ),
      CASES,
    ),
  );

  it.each(['DCR', 'CRD'])('DepthToSpace %s and SpaceToDepth', (mode) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 2, 4, 4),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (seed, dims, side, open) => {
          const [batch, channels, height, width] = dims as [number, number, number, number];
          return expectGradient(
            {
              operands: {
                x: sample(seed, [batch, channels * side * side, height, width]),
                y: sample(seed + 2, [batch, channels, height * side, width * side]),
              },
              open: open ? ['x', 'y'] : [],
              openAxes: [0, 2, 3],
              build: (b) => {
                const spread = b.op('DepthToSpace', [squared(b, 'x')], { blocksize: side, mode });
                const back = b.op('SpaceToDepth', [squared(b, b.op('Mul', [spread, 'y']))], { blocksize: side });
                return squared(b, back);
              },
            },
            seed,
          );
        },
      ),
      CASES,
    ),
  );

  it('Trilu of either triangle, from any diagonal', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(1, 4, 2, 3),
        fc.integer({ min: 0, max: 1 }),
        fc.option(fc.integer({ min: -4, max: 4 }), { nil: undefined }),
        (seed, dims, upper, k) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims) },
              build: (b) => {
                const diagonal = (): string =>
                  b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(k ?? 0)) });
                return squared(b, b.op('Trilu', ['x', ...(k === undefined ? [] : [diagonal()])], { upper }));
              },
            },
            seed,
          ),
      ),
      CASES,
    ));

  it.each([0, 1])('ReverseSequence along axis %i', (time_axis) =>
    expectGradient(
      {
        operands: { x: sample(1, [3, 3, 2]) },
        build: (b) =>
          squared(b, b.op('ReverseSequence', ['x', b.ints([3, 1, 2])], { time_axis, batch_axis: 1 - time_axis })),
      },
      1,
    ),
  );
});
