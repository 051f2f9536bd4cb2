import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import type { Tensor } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { describe, expect, it } from 'vitest';
import { compareWithDifferences, WrongGradientError } from './check.ts';

const COUNT = 20;

/** sum_i f(x_i) of each sample, for an operator f. */
async function session(opType: string) {
  const b = new GraphBuilder('subject');
  b.input('x', 'float32', ['N', COUNT]);
  b.output(b.op('ReduceSum', [b.op(opType, ['x']), b.ints([1])], { keepdims: 0 }, 'objective'));
  return nodeRuntime().createSession(writeModel(b.build()), { device: 'cpu', threads: 1 });
}

const data = Float32Array.from({ length: 2 * COUNT }, (_, i) => Math.sin(1 + 3 * i));
const x: Tensor & { readonly type: 'float32' } = { type: 'float32', data, dims: [2, COUNT] };

async function compare(opType: string, gradient: Float32Array) {
  const open = await session(opType);
  try {
    return await compareWithDifferences(open, 'objective', { x }, { name: 'x', at: x, gradient }, 1);
  } finally {
    await open.dispose();
  }
}

describe('the comparison with finite differences', () => {
  it.each([
    ['Sin', Math.cos],
    ['Exp', Math.exp],
    ['Abs', Math.sign],
  ])('finds the derivative of %s right', async (opType, derivative) => {
    const found = await compare(opType, data.map(derivative));
    expect(found).toMatchObject({ directions: 8 });
    expect(found!.agreeing).toBeGreaterThanOrEqual(6);
    expect(found!.largestError).toBeLessThan(0.02);
  });

  it.each([
    ['twice as large', (value: number) => 2 * Math.cos(value)],
    ['of the other sign', (value: number) => -Math.cos(value)],
    ['zero', () => 0],
    ['not finite', () => Number.NaN],
    ['a tenth too large', (value: number) => 1.1 * Math.cos(value)],
  ])('refuses one that is %s', async (_, derivative) => {
    await expect(compare('Sin', data.map(derivative))).rejects.toThrow(WrongGradientError);
  });

  it('refuses one that is wrong in one element of many', async () => {
    const gradient = data.map(Math.cos);
    gradient[7]! += 1;
    await expect(compare('Sin', gradient)).rejects.toThrow(/The gradient by x is wrong: along a random direction/);
  });

  it('refuses one of another length', async () => {
    await expect(compare('Sin', new Float32Array(3))).rejects.toThrow('3 values instead of 40');
  });

  it('tells nothing of a function that is flat', async () => {
    expect(await compare('Floor', new Float32Array(2 * COUNT))).toBeUndefined();
  });
});
