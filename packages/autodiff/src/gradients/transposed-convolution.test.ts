import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attributes, GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { CASES, expectGradient, gradientModel, gradientsOf } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

/** A transposed convolution of any geometry over `rank` axes, and an image for it. */
const geometry = (rank: number) => {
  const along = (min: number, max: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank });
  return fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      group: fc.integer({ min: 1, max: 3 }),
      ins: fc.integer({ min: 1, max: 2 }),
      outs: fc.integer({ min: 1, max: 3 }),
      size: along(1, rank === 3 ? 2 : 4),
      kernel: along(1, rank === 3 ? 2 : 3),
      strides: along(1, 3),
      dilations: along(1, 2),
      before: along(0, 2),
      after: along(0, 2),
      extra: along(0, 2),
      shorter: along(0, 3),
      form: fc.constantFrom('pads', 'pads', 'VALID', 'SAME_UPPER', 'SAME_LOWER', 'shape', 'shape as SAME_UPPER'),
      bias: fc.boolean(),
      open: fc.boolean(),
    })
    .map(({ strides, dilations, before, after, extra, shorter, form, kernel, size, ...rest }) => {
      const more = extra.map((rows, axis) => Math.min(rows, strides[axis]! - 1));
      const natural = size.map(
        (length, axis) => strides[axis]! * (length - 1) + (kernel[axis]! - 1) * dilations[axis]! + 1 + more[axis]!,
      );
      const within = (pads: readonly number[]): number[] =>
        pads.map((pad, axis) => Math.min(pad, Math.floor((natural[axis]! - 1) / 2)));
      const forms: Record<string, Attributes> = {
        pads: { pads: [...within(before), ...within(after)] },
        shape: { output_shape: natural.map((length, axis) => Math.max(1, length - shorter[axis]!)) },
      };
      forms['shape as SAME_UPPER'] = { ...forms.shape, auto_pad: 'SAME_UPPER' };
      const attributes: Attributes = {
        strides,
        dilations,
        output_padding: more,
        ...(forms[form] ?? { auto_pad: form }),
      };
      return { ...rest, form, kernel, size, attributes };
    });
};

describe.each([
  [1, 40],
  [2, 80],
  [3, 20],
])('a transposed convolution over %d axes, of any strides, dilations, pads and shapes', (rank, numRuns) => {
  it('has the gradient that differences show by image, weights and bias', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        geometry(rank),
        (seed, { batch, group, ins, outs, kernel, size, bias, open, attributes }) => {
          const operands = {
            x: sample(seed, [batch, group * ins, ...size]),
            w: sample(seed + 2, [group * ins, outs, ...kernel]),
            ...(bias ? { bias: sample(seed + 4, [group * outs]) } : {}),
          };
          return expectGradient(
            {
              operands,
              open: open ? ['x'] : [],
              build: (b) => b.op('ConvTranspose', Object.keys(operands), { ...attributes, group }),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns },
    ));

  it('has it where the sizes of the image are open and no output_shape is given', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        geometry(rank).filter(({ form }) => !form.startsWith('shape')),
        (seed, { batch, group, ins, outs, kernel, size, attributes }) =>
          expectGradient(
            {
              operands: {
                x: sample(seed, [batch, group * ins, ...size]),
                w: sample(seed + 2, [group * ins, outs, ...kernel]),
              },
              open: ['x'],
              openAxes: [0, ...size.map((_, axis) => axis + 2)],
              build: (b) => b.op('ConvTranspose', ['x', 'w'], { ...attributes, group }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: numRuns / 2 },
    ));
});

it('an upsampling by nearest neighbors sums each tile on the way back', async () => {
  const x: Sample = { dims: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const w: Sample = { dims: [1, 1, 2, 2], data: Float32Array.of(1, 1, 1, 1) };
  const g: Sample = { dims: [1, 1, 4, 4], data: Float32Array.from({ length: 16 }, (_, i) => i) };
  const build = (b: GraphBuilder): string => b.op('ConvTranspose', ['x', 'w'], { strides: [2, 2] });
  const { x: byImage, w: byWeights } = await gradientsOf({ operands: { x, w }, build }, ['x', 'w'], { x, w }, g);
  expect([...byImage!.data]).toEqual([0 + 1 + 4 + 5, 2 + 3 + 6 + 7, 8 + 9 + 12 + 13, 10 + 11 + 14 + 15]);
  // Each weight met one element of each tile: 1 g0 + 2 g2 + 3 g8 + 4 g10 and so on.
  expect([...byWeights!.data]).toEqual([68, 78, 108, 118]);
});

it('a fixed output shape over an open image is refused by name', () => {
  const subject = {
    operands: { x: sample(1, [1, 2, 4, 4]), w: sample(2, [2, 3, 3, 3]) },
    open: ['x'],
    openAxes: [2, 3],
    build: (b: GraphBuilder) => b.op('ConvTranspose', ['x', 'w'], { strides: [2, 2], output_shape: [8, 8] }),
  };
  expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
  expect(() => gradientModel(subject, ['x'])).toThrow('its output_shape is fixed while its image size is open');
});
