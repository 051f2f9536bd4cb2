import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoGradientError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { CASES, expectGradient, gradientModel, gradientsOf } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const shapeAndAxis = shapes.chain((dims) =>
  fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 }), fc.boolean()),
);

describe.each(['Softmax', 'LogSoftmax'])('%s', (opType) => {
  it('has the gradient that differences show, along any axis', () =>
    fc.assert(
      fc.asyncProperty(seeds, shapeAndAxis, (seed, [dims, axis, open]) =>
        expectGradient(
          {
            operands: { x: sample(seed, dims, -3, 3) },
            open: open ? ['x'] : [],
            build: (b) => b.op(opType, ['x'], { axis }),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('goes along the last axis where none is given', () =>
    expectGradient({ operands: { x: sample(1, [3, 4]) }, build: (b) => b.op(opType, ['x']) }, 1));

  it('keeps a finite gradient where one class is certain', async () => {
    const x: Sample = { dims: [1, 3], data: Float32Array.of(300, 0, -300) };
    const g: Sample = { dims: [1, 3], data: Float32Array.of(1, 2, 3) };
    const build = (b: GraphBuilder): string => b.op(opType, ['x'], { axis: 1 });
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, g);
    // Softmax: all of y (g - sum g y) vanishes. LogSoftmax: g - p sum(g) with p = (1, 0, 0).
    const limit = opType === 'Softmax' ? [0, 0, 0] : [1 - 6, 2, 3];
    expect([...gradient!.data].map((value) => value + 0)).toEqual(limit);
  });
});

describe('BatchNormalization', () => {
  const perChannel = (seed: number, channels: number) => ({
    scale: sample(seed + 11, [channels], -2, 2),
    bias: sample(seed + 12, [channels]),
    mean: sample(seed + 13, [channels]),
    variance: sample(seed + 14, [channels], 0.2, 2),
  });
  const names = ['x', 'scale', 'bias', 'mean', 'variance'];

  it('has the gradient that differences show, for images of one to three axes and for rows', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 }),
        fc.constantFrom(undefined, 1e-3, 0.5),
        fc.boolean(),
        (seed, dims, epsilon, open) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims), ...perChannel(seed, dims[1]!) },
              constants: names.slice(1),
              open: open ? ['x'] : [],
              build: (b) => b.op('BatchNormalization', names, { epsilon }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 30 },
    ));

  it('with statistics that are inputs has a gradient in the image alone, and says so', async () => {
    const subject = {
      operands: { x: sample(1, [2, 3, 4, 4]), ...perChannel(1, 3) },
      build: (b: GraphBuilder) => b.op('BatchNormalization', names),
    };
    await expectGradient({ ...subject, wrt: ['x'] }, 1);
    for (const name of names.slice(1)) {
      expect(() => gradientModel(subject, [name]), name).toThrow(NoGradientError);
      expect(() => gradientModel(subject, [name]), name).toThrow('only its input has a gradient here');
    }
  });
});

describe('LayerNormalization', () => {
  it('has the gradient that differences show, by image, scale and bias, from any axis on', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc
          .array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 4 })
          .chain((dims) => fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 }))),
        fc.boolean(),
        fc.boolean(),
        (seed, [dims, axis], withBias, open) => {
          const inner = dims.slice(axis);
          const operands = {
            x: sample(seed, dims, -2, 2),
            scale: sample(seed + 2, inner, 0.5, 2),
            ...(withBias ? { bias: sample(seed + 4, inner) } : {}),
          };
          const isOpen = open && inner.length < dims.length;
          return expectGradient(
            {
              operands,
              open: isOpen ? ['x'] : [],
              build: (b) => b.op('LayerNormalization', Object.keys(operands), { axis, epsilon: 0.1 }),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 30 },
    ));
});
