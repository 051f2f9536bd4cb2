import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { CASES, expectGradient, gradientModel } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

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

  it('has it where scale and bias broadcast along what is normalized', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 3, 4], -2, 2), scale: sample(2, [4], 0.5, 2), bias: sample(3, [1]) },
        build: (b) => b.op('LayerNormalization', ['x', 'scale', 'bias'], { axis: 1, epsilon: 0.1 }),
      },
      1,
    ));

  it('has none in the mean that it gives besides, and says so', () => {
    const subject = {
      operands: { x: sample(1, [2, 3]), scale: sample(2, [3]) },
      build: (b: GraphBuilder) => b.ops('LayerNormalization', ['x', 'scale'], ['y', 'mean', 'inverse'])[1]!,
    };
    expect(() => gradientModel(subject, ['x'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['x'])).toThrow('the mean and deviation that it gives besides');
  });
});

describe('RMSNormalization', () => {
  it('has the gradient that differences show, by image and scale, from any axis on', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc
          .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
          .chain((dims) => fc.tuple(fc.constant(dims), fc.integer({ min: -dims.length, max: dims.length - 1 }))),
        fc.boolean(),
        (seed, [dims, axis], open) => {
          const inner = dims.slice(axis);
          return expectGradient(
            {
              operands: { x: sample(seed, dims, -2, 2), scale: sample(seed + 2, inner, 0.5, 2) },
              open: open && inner.length < dims.length ? ['x'] : [],
              opset: 23,
              build: (b) => b.op('RMSNormalization', ['x', 'scale'], { axis, epsilon: 0.1 }),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 30 },
    ));
});

const image = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

describe('InstanceNormalization', () => {
  it('has the gradient that differences show, by image, scale and bias', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        image,
        fc.boolean(),
        (seed, batch, channels, spatial, open) =>
          expectGradient(
            {
              operands: {
                x: sample(seed, [batch, channels, ...spatial], -2, 2),
                scale: sample(seed + 2, [channels], 0.5, 2),
                bias: sample(seed + 4, [channels]),
              },
              open: open ? ['x'] : [],
              build: (b) => b.op('InstanceNormalization', ['x', 'scale', 'bias'], { epsilon: 0.1 }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 30 },
    ));
});

describe.each([
  ['a scale for each group, as until opset 20', 18],
  ['a scale for each channel, as since opset 21', 21],
])('GroupNormalization with %s', (_, opset) => {
  it('has the gradient that differences show, by image, scale and bias', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.record({
          batch: fc.integer({ min: 1, max: 2 }),
          groups: fc.integer({ min: 1, max: 3 }),
          each: fc.integer({ min: 1, max: 3 }),
          spatial: image,
          openAxes: fc.constantFrom([], [0], [0, 2]),
        }),
        (seed, { batch, groups, each, spatial, openAxes }) => {
          const numbers = opset < 21 ? groups : groups * each;
          return expectGradient(
            {
              operands: {
                x: sample(seed, [batch, groups * each, ...spatial], -2, 2),
                scale: sample(seed + 2, [numbers], 0.5, 2),
                bias: sample(seed + 4, [numbers]),
              },
              open: ['x'],
              openAxes,
              opset,
              build: (b) => b.op('GroupNormalization', ['x', 'scale', 'bias'], { num_groups: groups, epsilon: 0.1 }),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 30 },
    ));
});
