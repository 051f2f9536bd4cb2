import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { CASES, expectGradient, gradientModel, gradientsOf } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

const perChannel = (seed: number, channels: number) => ({
  scale: sample(seed + 11, [channels], -2, 2),
  bias: sample(seed + 12, [channels]),
  mean: sample(seed + 13, [channels]),
  variance: sample(seed + 14, [channels], 0.2, 2),
});
const names = ['x', 'scale', 'bias', 'mean', 'variance'];

describe('BatchNormalization at inference', () => {
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

  it('has it by scale, bias and statistics too, where they are inputs', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 }),
        fc.constantFrom(1e-3, 0.5),
        fc.boolean(),
        (seed, dims, epsilon, open) =>
          expectGradient(
            {
              operands: { x: sample(seed, dims), ...perChannel(seed, dims[1]!) },
              open: open ? ['x'] : [],
              build: (b) => b.op('BatchNormalization', names, { epsilon }),
            },
            seed,
          ),
      ),
      { ...CASES, numRuns: 30 },
    ));
});

/** A single value per channel is normalized to 0. */
const manyPerChannel = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 })
  .filter((dims) => dims.reduce((a, n) => a * n, 1) > dims[1]!);

describe('BatchNormalization in training', () => {
  const inTraining =
    (momentum?: number) =>
    (b: GraphBuilder): string =>
      b.ops('BatchNormalization', names, 3, { training_mode: 1, epsilon: 0.1, momentum })[0]!;

  it.each([undefined, 0])('has the gradient that differences show by image, scale and bias, momentum %s', (momentum) =>
    fc.assert(
      fc.asyncProperty(seeds, manyPerChannel, fc.boolean(), (seed, dims, open) =>
        expectGradient(
          {
            operands: { x: sample(seed, dims, -2, 2), ...perChannel(seed, dims[1]!) },
            open: open ? ['x'] : [],
            wrt: names.slice(0, 3),
            build: inTraining(momentum),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 25 },
    ),
  );

  it('is as PyTorch has it in double precision', async () => {
    // x = (i^2 mod 7) / 2 for i = 0..11 as 3 x 2 x 1 x 2, y = batch_norm(x, rm, rv,
    // weight=[1.5, -0.5], bias=[0.25, 1], training=True, eps=0.01); (y * ((arange(12) - 5) / 4).reshape).sum().backward()
    const x: Sample = { dims: [3, 2, 1, 2], data: Float32Array.from({ length: 12 }, (_, i) => ((i * i) % 7) / 2) };
    const g: Sample = { dims: [3, 2, 1, 2], data: Float32Array.from({ length: 12 }, (_, i) => (i - 5) / 4) };
    const scale: Sample = { dims: [2], data: Float32Array.of(1.5, -0.5) };
    const rest = perChannel(1, 2);
    const operands = { ...rest, x, scale };
    const build = (b: GraphBuilder): string =>
      b.ops('BatchNormalization', names, 3, { training_mode: 1, epsilon: 0.01 })[0]!;
    const gradients = await gradientsOf({ operands, build }, ['x', 'scale', 'bias'], operands, g);
    const expected: Record<string, readonly number[]> = {
      x: [
        -0.89161936, -1.05435357, 0.45364786, 0.67606527, -0.24341756, -1.05572109, 0.27903003, 0.28858995, 2.35349222,
        0.89161936, -0.74701777, -0.95031534,
      ],
      scale: [3.08328905, -1.93132697],
      bias: [-0.75, 2.25],
    };
    for (const [name, values] of Object.entries(expected)) {
      expect(gradients[name]!.data).toHaveLength(values.length);
      values.forEach((value, i) => {
        expect(gradients[name]!.data[i], `${name}[${i}]`).toBeCloseTo(value, 5);
      });
    }
  });

  it('shifts of the whole batch and its scale do not matter, but for epsilon: the gradient is orthogonal to both', async () => {
    const operands = { x: sample(3, [4, 2, 3, 3]), ...perChannel(3, 2) };
    const build = (b: GraphBuilder): string =>
      b.ops('BatchNormalization', names, 3, { training_mode: 1, epsilon: 0 })[0]!;
    const { x: gradient } = await gradientsOf({ operands, build }, ['x'], operands, sample(4, [4, 2, 3, 3]));
    for (const channel of [0, 1]) {
      const ofChannel = [...gradient!.data.keys()].filter((i) => Math.floor(i / 9) % 2 === channel);
      expect(ofChannel.reduce((sum, i) => sum + gradient!.data[i]!, 0)).toBeCloseTo(0, 4);
      expect(ofChannel.reduce((sum, i) => sum + gradient!.data[i]! * operands.x.data[i]!, 0)).toBeCloseTo(0, 4);
    }
  });

  it('has none in its running statistics, and says so', () => {
    const subject = { operands: { x: sample(1, [2, 3, 4, 4]), ...perChannel(1, 3) }, build: inTraining() };
    expect(() => gradientModel(subject, ['mean'])).toThrow(NoGradientError);
    expect(() => gradientModel(subject, ['mean'])).toThrow('the running statistics do not touch its result');
    const running = {
      ...subject,
      build: (b: GraphBuilder) => b.ops('BatchNormalization', names, 3, { training_mode: 1 })[1]!,
    };
    expect(() => gradientModel(running, ['x'])).toThrow('its running statistics have no gradient');
  });
});
