import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { computed } from '../testing/computed.ts';
import { CASES, expectGradient, gradientModel } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const sizes = (min: number, max: number, minLength: number, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength, maxLength });

/** Squared first, so that every element has a different gradient and a wrong index is noticed. */
const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

describe('Pad', () => {
  it('with any constant, by any widths, also negative ones, on some axes', () =>
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

  it.each(['reflect', 'edge', 'wrap'])('in the mode %s, by any widths, also negative ones, on some axes', (mode) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        sizes(4, 5, 1, 3).chain((dims) =>
          fc.tuple(
            fc.constant(dims),
            fc.subarray(
              dims.map((_, axis) => axis),
              { minLength: 1 },
            ),
          ),
        ),
        sizes(mode === 'wrap' ? 0 : -1, 2, 6, 6),
        fc.boolean(),
        (seed, [dims, axes], widths, fromBack) => {
          const given = fromBack ? axes.map((axis) => axis - dims.length) : axes;
          return expectGradient(
            {
              operands: { x: sample(seed, dims) },
              opset: 19,
              build: (b) =>
                squared(b, b.op('Pad', ['x', b.ints(widths.slice(0, 2 * axes.length)), '', b.ints(given)], { mode })),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 30 },
    ),
  );

  it.each(['constant', 'reflect', 'edge', 'wrap'])('in the mode %s, by computed widths, of open axes', (mode) =>
    fc.assert(
      fc.asyncProperty(seeds, sizes(0, 2, 4, 4), fc.boolean(), fc.boolean(), (seed, widths, known, open) =>
        expectGradient(
          {
            operands: { x: sample(seed, [2, 4, 3]) },
            open: open ? ['x'] : [],
            openAxes: [0, 1, 2],
            opset: 19,
            build: (b) =>
              squared(
                b,
                b.op('Pad', ['x', known ? b.ints(widths) : computed(b, widths), '', b.ints([1, 2])], { mode }),
              ),
          },
          seed,
        ),
      ),
      CASES,
    ),
  );

  it('has no gradient by the value that it pads with, and says so', () => {
    const subject = {
      operands: { x: sample(1, [2, 2]), value: sample(2, []) },
      build: (b: GraphBuilder) => b.op('Pad', ['x', b.ints([1, 1, 1, 1]), 'value']),
    };
    expect(() => gradientModel(subject, ['value'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['value'])).toThrow('the value that it pads with has no gradient here');
  });
});
