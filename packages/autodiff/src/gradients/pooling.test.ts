import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attributes, GraphBuilder } from '../builder/builder.ts';
import { CASES, expectGradient, gradientsOf } from '../testing/finite-differences.ts';
import { apart, type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

/** Windows of any geometry over `rank` axes; pads are smaller than the windows, as ONNX Runtime requires. */
const windows = (rank: number, options: { readonly dilated: boolean }) => {
  const along = (min: number, max: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank });
  return fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.constantFrom(1, 3, 8),
      kernel: along(1, rank === 3 ? 2 : 3),
      strides: along(1, 3),
      oneStride: fc.boolean(),
      dilations: options.dilated ? along(1, 2) : along(1, 1),
      before: along(0, 2),
      after: along(0, 2),
      room: along(0, rank === 3 ? 2 : 5),
      ceil: fc.integer({ min: 0, max: 1 }),
      autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
      open: fc.boolean(),
    })
    .map(({ before, after, strides, oneStride, dilations, autoPad, room, kernel, ceil, ...rest }) => {
      const padded = autoPad === 'NOTSET';
      // ONNX Runtime rejects SAME where it would have to crop the image, as windows leave gaps.
      const most = autoPad.startsWith('SAME') ? Math.min(...kernel) : 3;
      const steps = (oneStride ? strides.map(() => strides[0]!) : strides).map((stride) => Math.min(stride, most));
      const spread = padded ? dilations : kernel.map(() => 1);
      const fitting = (pads: readonly number[]): number[] => pads.map((pad, axis) => Math.min(pad, kernel[axis]! - 1));
      return {
        ...rest,
        size: kernel.map((k, axis) => (k - 1) * spread[axis]! + 1 + room[axis]!),
        attributes: {
          kernel_shape: kernel,
          strides: steps,
          ...(options.dilated ? { dilations: spread } : {}),
          ...(padded ? { ceil_mode: ceil, pads: [...fitting(before), ...fitting(after)] } : { auto_pad: autoPad }),
        },
      };
    });
};

/** ONNX Runtime's shape inference counts windows that start in the padding at the end, and then rejects the output. */
const isWellPooled = ({ size, attributes }: { size: readonly number[]; attributes: Attributes }): boolean => {
  const { pads, strides, kernel_shape, dilations, ceil_mode } = attributes as Record<string, number[]>;
  if (Number(ceil_mode) !== 1) return true;
  return size.every((length, axis) => {
    const reach = (kernel_shape![axis]! - 1) * (dilations?.[axis] ?? 1) + 1;
    const room = length + pads![axis]! + pads![axis + size.length]! - reach;
    return Math.ceil(room / strides![axis]!) * strides![axis]! < length + pads![axis]!;
  });
};

describe.each([
  [1, 40],
  [2, 100],
  [3, 20],
])('pools over %d axes', (rank, numRuns) => {
  it('MaxPool: overlapping, padded, dilated, with windows beyond the edge', () =>
    fc.assert(
      fc.asyncProperty(seeds, windows(rank, { dilated: true }), (seed, { batch, channels, size, attributes, open }) =>
        expectGradient(
          {
            operands: { x: apart(seed, [batch, channels, ...size], 0.03125) },
            open: open ? ['x'] : [],
            build: (b) => b.op('MaxPool', ['x'], attributes),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns },
    ));

  it('AveragePool: overlapping, padded with the pads counted or not, with windows beyond the edge', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        windows(rank, { dilated: false }),
        fc.integer({ min: 0, max: 1 }),
        (seed, { batch, channels, size, attributes, open }, countPads) =>
          expectGradient(
            {
              operands: { x: sample(seed, [batch, channels, ...size]) },
              open: open ? ['x'] : [],
              build: (b) => b.op('AveragePool', ['x'], { ...attributes, count_include_pad: countPads }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns },
    ));

  it('LpPool: the norm of each window, for several p', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        windows(rank, { dilated: true }).filter(isWellPooled),
        fc.constantFrom(1, 2, 2, 3),
        (seed, { batch, channels, size, attributes, open }, p) =>
          expectGradient(
            {
              operands: { x: apart(seed, [batch, channels, ...size]) },
              open: open ? ['x'] : [],
              build: (b) => b.op('LpPool', ['x'], { ...attributes, p }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns },
    ));

  it.each(['MaxPool', 'AveragePool', 'LpPool'])('%s of an image whose sizes are open', (opType) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        windows(rank, { dilated: opType !== 'AveragePool' }).filter(isWellPooled),
        fc.integer({ min: 0, max: 1 }),
        (seed, { batch, channels, size, attributes }, countPads) =>
          expectGradient(
            {
              operands: { x: apart(seed, [batch, channels, ...size]) },
              open: ['x'],
              openAxes: [0, ...size.map((_, axis) => axis + 2)],
              build: (b) =>
                b.op(opType, ['x'], {
                  ...attributes,
                  ...(opType === 'AveragePool' ? { count_include_pad: countPads } : {}),
                }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: numRuns / 2 },
    ),
  );

  it('AveragePool of opset 19, whose windows may be dilated', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        windows(rank, { dilated: true }),
        fc.integer({ min: 0, max: 1 }),
        (seed, { batch, channels, size, attributes, open }, countPads) =>
          expectGradient(
            {
              operands: { x: sample(seed, [batch, channels, ...size]) },
              open: open ? ['x'] : [],
              opset: 19,
              build: (b) => b.op('AveragePool', ['x'], { ...attributes, count_include_pad: countPads }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: numRuns / 2 },
    ));

  it.each(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'])('%s', (opType) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: rank + 2, maxLength: rank + 2 }),
        fc.constantFrom([], [0], [0, ...Array.from({ length: rank }, (_, axis) => axis + 2)]),
        fc.constantFrom(undefined, 1, 2, 3),
        (seed, dims, openAxes, p) =>
          expectGradient(
            {
              operands: { x: apart(seed, dims) },
              open: ['x'],
              openAxes,
              build: (b) => b.op(opType, ['x'], opType === 'GlobalLpPool' ? { p } : {}),
            },
            seed,
          ),
      ),
      CASES,
    ),
  );
});

it('windows and images of zeros alone have a norm of gradient 0', async () => {
  const x: Sample = { dims: [1, 1, 2, 2], data: new Float32Array(4) };
  for (const p of [1, 2, 3]) {
    for (const opType of ['LpPool', 'GlobalLpPool']) {
      const build = (b: GraphBuilder): string =>
        b.op(opType, ['x'], { p, ...(opType === 'LpPool' ? { kernel_shape: [2, 2] } : {}) });
      const g: Sample = { dims: [1, 1, 1, 1], data: Float32Array.of(3) };
      const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, g);
      expect([...gradient!.data].map((value) => value + 0)).toEqual([0, 0, 0, 0]);
    }
  }
});

describe('layers as they stand in real networks', () => {
  it.each([
    ['2x2 of LeNet', 20, 24, { kernel_shape: [2, 2], strides: [2, 2] }],
    ['3x3 stride 2 of AlexNet', 16, 13, { kernel_shape: [3, 3], strides: [2, 2] }],
    ['3x3 stride 2 pad 1 of ResNet', 8, 14, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
    ['3x3 stride 2 of SqueezeNet, up to the edge', 8, 12, { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
    ['3x3 stride 1 of Inception', 8, 7, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
  ])('%s', async (_, channels, length, attributes) => {
    const image = apart(1, [1, channels, length, length], 0.03125);
    await expectGradient({ operands: { x: image }, open: ['x'], build: (b) => b.op('MaxPool', ['x'], attributes) }, 1);
    // After a ReLU most windows contain several zeros; these have no gradient, whichever is the maximum.
    const rectified = { operands: { x: image }, open: ['x'] };
    await expectGradient({ ...rectified, build: (b) => b.op('MaxPool', [b.op('Relu', ['x'])], attributes) }, 2);
  });
});

describe('max pools of many elements', () => {
  const pooled = (dims: readonly number[], attributes: Attributes): Promise<void> =>
    expectGradient(
      { operands: { x: apart(5, dims) }, open: ['x'], build: (b) => b.op('MaxPool', ['x'], attributes) },
      5,
    );
  it('over the whole image, as an adaptive pool is exported', () => pooled([2, 3, 9, 7], { kernel_shape: [9, 7] }));
  it('over the whole image and what is beyond it', () =>
    pooled([2, 3, 5, 6], { kernel_shape: [7, 7], pads: [0, 0, 2, 1], strides: [2, 2] }));
  it('side by side', () => pooled([2, 3, 10, 12], { kernel_shape: [5, 6], strides: [5, 6] }));
  it('overlapping at stride 1, as in a spatial pyramid', () =>
    pooled([2, 2, 7, 7], { kernel_shape: [5, 5], pads: [2, 2, 2, 2] }));
  it('with dilations, unlike strides and windows beyond the edge', () =>
    pooled([2, 2, 11, 12], {
      kernel_shape: [4, 5],
      dilations: [2, 1],
      strides: [2, 3],
      pads: [1, 2, 0, 1],
      ceil_mode: 1,
    }));
  it('over three axes', () => pooled([1, 2, 4, 5, 6], { kernel_shape: [2, 4, 3], strides: [1, 1, 2] }));
});

describe('average pools whose windows lie side by side', () => {
  const pooled = (attributes: Attributes, opset?: number): Promise<void> =>
    expectGradient(
      {
        operands: { x: sample(3, [2, 3, 4, 6]) },
        ...(opset === undefined ? {} : { opset }),
        build: (b) => b.op('AveragePool', ['x'], attributes),
      },
      3,
    );
  it('and tile the image', () => pooled({ kernel_shape: [2, 3], strides: [2, 3] }));
  it('and are as many as would tile it, but begin in the padding', () =>
    pooled({ kernel_shape: [1, 2], strides: [1, 2], pads: [0, 1, 0, 0] }));
  it('and are as many as would tile it, but have gaps', () =>
    pooled({ kernel_shape: [2, 2], strides: [2, 2], dilations: [2, 2], pads: [0, 0, 1, 1] }, 19));
});

describe('where elements of a window tie', () => {
  const pooled = async (
    image: readonly number[],
    size: readonly number[],
    attributes: Attributes,
  ): Promise<number[]> => {
    const x: Sample = { dims: [1, 1, ...size], data: Float32Array.from(image) };
    const build = (b: GraphBuilder): string => b.op('MaxPool', ['x'], attributes);
    const windows = 4;
    const g: Sample = { dims: [1, 1, 2, 2], data: Float32Array.from({ length: windows }, (_, i) => 10 ** i) };
    const { x: gradient } = await gradientsOf({ operands: { x }, build }, ['x'], { x }, g);
    return [...gradient!.data].map((value) => value + 0);
  };

  it('the first one in row-major order gets all', async () => {
    const equal = new Array<number>(16).fill(0.5);
    expect(await pooled(equal, [4, 4], { kernel_shape: [2, 2], strides: [2, 2] })).toEqual([
      1, 0, 10, 0, 0, 0, 0, 0, 100, 0, 1000, 0, 0, 0, 0, 0,
    ]);
  });
  it('the first one inside the image gets all, not the padding before it', async () => {
    const equal = new Array<number>(9).fill(-3);
    expect(await pooled(equal, [3, 3], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })).toEqual([
      1, 10, 0, 100, 1000, 0, 0, 0, 0,
    ]);
  });
  it('an element that is the first maximum of several windows gets all of theirs', async () => {
    const image = [0, 0, 0, 0, 9, 0, 0, 0, 0];
    expect(await pooled(image, [3, 3], { kernel_shape: [2, 2] })).toEqual([0, 0, 0, 0, 1111, 0, 0, 0, 0]);
  });
});
