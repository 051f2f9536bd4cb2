import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoGradientError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { CASES, expectGradient, gradientModel } from '../testing/finite-differences.ts';
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

describe('what has no gradient says so', () => {
  it('the weights of a grouped convolution', () => {
    const subject = {
      operands: { x: sample(1, [1, 4, 5, 5]), w: sample(2, [4, 2, 3, 3]) },
      build: (b: GraphBuilder) => b.op('Conv', ['x', 'w'], { group: 2 }, 'y'),
    };
    expect(() => gradientModel(subject, ['w'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['w'])).toThrow(/Conv \(node Conv__\d+: weights of grouped convolutions/);
  });
});
