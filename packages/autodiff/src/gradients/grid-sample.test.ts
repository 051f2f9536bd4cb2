import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError, OnnxError } from '../errors.ts';
import { CASES, expectGradient, gradientModel, gradientsOf, type Subject } from '../testing/finite-differences.ts';
import { type Sample, sample, uniforms } from '../testing/samples.ts';

const lengths = (rank: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: rank, maxLength: rank });

/**
 * A grid whose samples lie at a distance from every place where the result has a kink: centers of pixels, and the points
 * halfway between them.
 *
 * @param sizes of the image, which the grid names in reverse order
 */
function grid(
  seed: number,
  batch: number,
  sizes: readonly number[],
  samples: readonly number[],
  corners: number,
): Sample {
  const next = uniforms(seed);
  const rank = sizes.length;
  const count = batch * samples.reduce((product, length) => product * length);
  const coordinates = Array.from({ length: count }, () =>
    [...sizes].reverse().map((length) => {
      const half = Math.floor((2 * length + 4) * next()) - 2;
      const pixel = half / 2 + 0.1 + 0.3 * next();
      if (corners === 1) return length === 1 ? pixel : (2 * pixel) / (length - 1) - 1;
      return (2 * pixel + 1) / length - 1;
    }),
  );
  return { dims: [batch, ...samples, rank], data: Float32Array.from(coordinates.flat()) };
}

const squared = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);

interface Form {
  readonly opset: number;
  readonly rank: number;
  readonly mode: string;
  readonly padding_mode: string;
  readonly align_corners: number;
}

const FORMS: readonly Form[] = [
  [18, 2, ['bilinear', 'nearest']] as const,
  [20, 2, ['linear', 'nearest']] as const,
  [20, 3, ['linear', 'nearest']] as const,
].flatMap(([opset, rank, modes]) =>
  modes.flatMap((mode) =>
    ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
      [0, 1].map((align_corners) => ({ opset, rank, mode, padding_mode, align_corners })),
    ),
  ),
);

describe('GridSample', () => {
  it.each(FORMS.map((form) => [Object.values(form).join(', '), form] as const))('opset, axes, mode: %s', (_, form) => {
    const { opset, rank, mode, padding_mode, align_corners } = form;
    return fc.assert(
      fc.asyncProperty(
        fc.nat(2 ** 30),
        lengths(2),
        // With align_corners, ONNX Runtime divides by zero where it mirrors an axis of length 1.
        fc.array(fc.integer({ min: 1 + align_corners, max: 4 }), { minLength: rank, maxLength: rank }),
        lengths(rank),
        fc.boolean(),
        (seed, [batch, channels], sizes, samples, open) => {
          const subject: Subject = {
            opset,
            operands: {
              x: sample(seed, [batch!, channels!, ...sizes]),
              grid: grid(seed + 1, batch!, sizes, samples, align_corners),
            },
            open: open ? ['x', 'grid'] : [],
            build: (b) => squared(b, b.op('GridSample', ['x', 'grid'], { mode, padding_mode, align_corners })),
          };
          return expectGradient(subject, seed);
        },
      ),
      { ...CASES, numRuns: 6 },
    );
  });

  it('of images and grids of open size', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 2, 3, 4]), grid: grid(2, 2, [3, 4], [3, 2], 0) },
        open: ['x', 'grid'],
        openAxes: [0, 2, 3],
        build: (b) => {
          // Its axes have names of their own.
          const all = b.op('Shape', ['grid']);
          const own = b.op('Concat', [b.op('Slice', [all, b.ints([0]), b.ints([3])]), b.ints([2])], { axis: 0 });
          const places = b.op('Reshape', ['grid', own]);
          return squared(b, b.op('GridSample', ['x', places], { padding_mode: 'reflection' }));
        },
      },
      1,
    ));

  it('between two pixels divides the cotangent between them; the grid gets their difference', async () => {
    const x = { dims: [1, 1, 1, 2], data: Float32Array.of(2, 5) };
    const at = { dims: [1, 1, 1, 2], data: Float32Array.of(-0.5, 0) };
    const subject: Subject = {
      operands: { x, at },
      build: (b) => b.op('GridSample', ['x', 'at'], { align_corners: 1, padding_mode: 'border' }),
    };
    const cotangent = { dims: [1, 1, 1, 1], data: Float32Array.of(4) };
    const gradients = await gradientsOf(subject, ['x', 'at'], { x, at }, cotangent);
    expect([...gradients.x!.data]).toEqual([3, 1]);
    // From -1 to 1 is one pixel: half a pixel per unit. The image is one pixel tall, so the rows give 0.
    expect([...gradients.at!.data].map(Math.abs)).toEqual([(5 - 2) * 4 * 0.5, 0]);
  });

  it('by the nearest pixel has a gradient of zero by the grid', async () => {
    const x = sample(1, [1, 2, 3, 3]);
    const at = grid(2, 1, [3, 3], [2, 2], 0);
    const subject: Subject = {
      operands: { x, at },
      build: (b) => b.op('GridSample', ['x', 'at'], { mode: 'nearest' }),
    };
    const { at: gradient } = await gradientsOf(subject, ['at'], { x, at }, sample(3, [1, 2, 2, 2]));
    expect(gradient!.data.every((value) => value === 0)).toBe(true);
  });

  it.each([
    [18, 'bicubic'],
    [20, 'cubic'],
  ])('of opset %d in mode %s has no gradient, and says so', (opset, mode) => {
    const subject: Subject = {
      opset,
      operands: { x: sample(1, [1, 1, 3, 3]), at: sample(2, [1, 2, 2, 2]) },
      build: (b) => b.op('GridSample', ['x', 'at'], { mode }),
    };
    expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['x'])).toThrow(`its mode ${mode} has no gradient here`);
  });

  it('refuses a grid whose coordinates are too many', () => {
    const subject: Subject = {
      operands: { x: sample(1, [1, 1, 3, 3]), at: sample(2, [1, 2, 2, 3]) },
      build: (b) => b.op('GridSample', ['x', 'at']),
    };
    expect(() => gradientModel(subject, ['x'])).toThrow(OnnxError);
    expect(() => gradientModel(subject, ['x'])).toThrow(
      'samples images of [1, 1, 3, 3] at a grid of [1, 2, 2, 3], which do not fit',
    );
  });
});
