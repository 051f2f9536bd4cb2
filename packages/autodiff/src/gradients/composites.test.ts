import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { onesLike } from '../losses/objective.ts';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);

/** A smooth function of a convolution, whose gradient depends on all that the convolution does. */
function bent(b: GraphBuilder, value: string): string {
  return b.op('Mul', [value, b.op('Mul', [value, value])]);
}

/** The gradient of the sum of a value's cubes with respect to one of the operands. */
function slope(b: GraphBuilder, value: string, wrt: string): string {
  const cubes = bent(b, value);
  return differentiate(b, cubes, onesLike(b, cubes), [wrt])[0]!;
}

const geometry = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  ins: fc.integer({ min: 1, max: 2 }),
  outs: fc.integer({ min: 1, max: 2 }),
  size: fc.tuple(fc.integer({ min: 4, max: 6 }), fc.integer({ min: 4, max: 6 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.integer({ min: 1, max: 2 }),
  pad: fc.integer({ min: 0, max: 1 }),
});

describe('the gradient of a gradient', () => {
  it.each(['x', 'w'])('of a convolution by %s is what differences of the gradient show', (wrt) =>
    fc.assert(
      fc.asyncProperty(seeds, geometry, (seed, { batch, group, ins, outs, size, kernel, stride, pad }) =>
        expectGradient(
          {
            operands: {
              x: sample(seed, [batch, group * ins, ...size]),
              w: sample(seed + 1, [group * outs, ins, ...kernel]),
            },
            build: (b) => {
              const pads = [pad, pad, pad, pad];
              const attributes = { kernel_shape: [...kernel], strides: [stride, stride], pads, group };
              return slope(b, b.op('Conv', ['x', 'w'], attributes), wrt);
            },
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 20 },
    ),
  );

  it.each(['x', 'w'])('of a transposed convolution by %s is, too', (wrt) =>
    fc.assert(
      fc.asyncProperty(seeds, geometry, (seed, { batch, group, ins, outs, size, stride }) =>
        expectGradient(
          {
            operands: {
              x: sample(seed, [batch, group * ins, ...size]),
              w: sample(seed + 1, [group * ins, outs, 3, 3]),
            },
            build: (b) => {
              const attributes = { kernel_shape: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1], group };
              return slope(b, b.op('ConvTranspose', ['x', 'w'], attributes), wrt);
            },
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 20 },
    ),
  );

  it.each(['Relu', 'LeakyRelu', 'Clip'])('goes through %s, which is flat where it is differentiated twice', (opType) =>
    expectGradient(
      {
        operands: { x: sample(3, [4, 6]), w: sample(4, [6, 5]) },
        build: (b) => {
          const bounds = opType === 'Clip' ? [b.scalar(-0.5), b.scalar(0.5)] : [];
          return slope(b, b.op(opType, [b.op('MatMul', ['x', 'w']), ...bounds]), 'x');
        },
      },
      5,
    ),
  );
});

it('the Hessian of a quadratic form is its matrix', async () => {
  // x A x / 2 has the gradient A x for a symmetric A, and the product of its Hessian with a vector v is A v.
  const { gradientsOf } = await import('../testing/finite-differences.ts');
  const a = { dims: [2, 2], data: Float32Array.of(2, 1, 1, 3) };
  const x = { dims: [1, 2], data: Float32Array.of(5, -4) };
  const build = (b: GraphBuilder): string => {
    const form = b.op('Mul', [b.op('Mul', ['x', b.op('MatMul', ['x', 'a'])]), b.scalar(0.5)]);
    return differentiate(b, form, onesLike(b, form), ['x'])[0]!;
  };
  const v = { dims: [1, 2], data: Float32Array.of(1, -1) };
  const { x: product } = await gradientsOf({ operands: { x, a }, build }, ['x'], { x, a }, v);
  expect([...product!.data]).toEqual([1, -2]);
});
