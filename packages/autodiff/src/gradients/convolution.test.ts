import fc from 'fast-check';
import { describe, it } from 'vitest';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

/** A convolution of any geometry over `rank` axes, and an image that its windows fit. */
const geometry = (rank: number) => {
  const along = (min: number, max: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank });
  return fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 3 }),
      outs: fc.integer({ min: 1, max: 3 }),
      kernel: along(1, rank === 3 ? 2 : 3),
      strides: along(1, 3),
      dilations: along(1, 2),
      before: along(0, 3),
      after: along(0, 3),
      room: along(0, rank === 3 ? 2 : 4),
      autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
      bias: fc.boolean(),
      open: fc.boolean(),
    })
    .map(({ before, after, strides, dilations, autoPad, room, ...rest }) => {
      // ONNX Runtime has no dilation with auto_pad SAME.
      const same = autoPad.startsWith('SAME');
      const spread = same ? rest.kernel.map(() => 1) : dilations;
      return {
        ...rest,
        size: rest.kernel.map((k, axis) => (k - 1) * spread[axis]! + 1 + room[axis]!),
        attributes: {
          strides,
          dilations: spread,
          ...(autoPad === 'NOTSET' ? { pads: [...before, ...after] } : { auto_pad: autoPad }),
        },
      };
    });
};

describe.each([
  [1, 30],
  [2, 60],
  [3, 20],
])('a convolution over %d axes, of any strides, dilations and pads', (rank, numRuns) => {
  it('has the gradient that differences show by image, weights and bias, all inputs', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        geometry(rank),
        (seed, { batch, channels, outs, kernel, size, bias, open, attributes }) => {
          const operands = {
            x: sample(seed, [batch, channels, ...size]),
            w: sample(seed + 2, [outs, channels, ...kernel]),
            ...(bias ? { bias: sample(seed + 4, [outs]) } : {}),
          };
          return expectGradient(
            { operands, open: open ? ['x'] : [], build: (b) => b.op('Conv', Object.keys(operands), attributes) },
            seed,
          );
        },
      ),
      { ...CASES, numRuns },
    ));

  it('has it by image and weights where channels go in groups, or each by itself', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        geometry(rank),
        fc.integer({ min: 2, max: 3 }),
        fc.boolean(),
        (seed, { batch, channels, outs, kernel, size, open, attributes }, group, depthwise) => {
          const ins = depthwise ? 1 : channels;
          const operands = {
            x: sample(seed, [batch, group * ins, ...size]),
            w: sample(seed + 2, [group * outs, ins, ...kernel]),
          };
          return expectGradient(
            { operands, open: open ? ['x'] : [], build: (b) => b.op('Conv', ['x', 'w'], { ...attributes, group }) },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: numRuns / 2 },
    ));

  it('has it by image and weights where batch and sizes of the image are open', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        geometry(rank),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        (seed, { batch, channels, outs, kernel, size, attributes }, group, constant) => {
          const operands = {
            x: sample(seed, [batch, group * channels, ...size]),
            w: sample(seed + 2, [group * outs, channels, ...kernel]),
          };
          return expectGradient(
            {
              operands,
              constants: constant ? ['w'] : [],
              open: ['x'],
              openAxes: [0, ...size.map((_, axis) => axis + 2)],
              build: (b) => b.op('Conv', ['x', 'w'], { ...attributes, group }),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: numRuns / 2 },
    ));

  it('has the same by the image where the weights are constant, grouped or not', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        geometry(rank),
        fc.integer({ min: 1, max: 3 }),
        (seed, { batch, channels, outs, kernel, size, bias, open, attributes }, group) => {
          const operands = {
            x: sample(seed, [batch, group * channels, ...size]),
            w: sample(seed + 2, [group * outs, channels, ...kernel]),
            ...(bias ? { bias: sample(seed + 4, [group * outs]) } : {}),
          };
          return expectGradient(
            {
              operands,
              constants: ['w', 'bias'],
              open: open ? ['x'] : [],
              build: (b) => b.op('Conv', Object.keys(operands), { ...attributes, group }),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns },
    ));
});

describe('layers as they stand in real networks', () => {
  it.each([
    ['5x5 of LeNet, 20 channels to 50', [2, 20, 12, 12], [50, 20, 5, 5], {}],
    ['11x11 of AlexNet, stride 4', [1, 3, 35, 35], [16, 3, 11, 11], { strides: [4, 4] }],
    ['7x7 of ResNet, stride 2, pad 3', [1, 3, 32, 32], [16, 3, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }],
    ['1x1 of a shortcut, stride 2', [1, 16, 9, 9], [32, 16, 1, 1], { strides: [2, 2] }],
    ['3x3 of MobileNet, each channel by itself', [1, 16, 9, 9], [16, 1, 3, 3], { group: 16, pads: [1, 1, 1, 1] }],
    [
      '3x3 of MobileNet, stride 2 as TensorFlow pads it',
      [1, 16, 8, 8],
      [16, 1, 3, 3],
      { group: 16, strides: [2, 2], auto_pad: 'SAME_UPPER' },
    ],
    ['3x3 of two groups, stride 1', [1, 16, 7, 7], [16, 8, 3, 3], { group: 2, pads: [1, 1, 1, 1] }],
    ['a classifier of 1x1 at the end', [2, 32, 3, 3], [10, 32, 1, 1], {}],
    ['windows as large as the image', [2, 8, 4, 4], [16, 8, 4, 4], {}],
  ] as const)('%s', (_, image, weight, attributes) =>
    expectGradient(
      {
        operands: { x: sample(1, image), w: sample(2, weight, -0.3, 0.3), bias: sample(3, [weight[0]]) },
        constants: ['w', 'bias'],
        open: ['x'],
        build: (b) => b.op('Conv', ['x', 'w', 'bias'], attributes),
      },
      1,
    ),
  );
});
