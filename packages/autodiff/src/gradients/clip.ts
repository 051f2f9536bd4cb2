/** @file The gradient of Clip, which is 1 at the bounds themselves, as that of torch.clamp. */

import type { GraphBuilder } from '../builder/builder.ts';
import { channelwiseKernel, isNchwc } from './nchwc.ts';
import type { GradientRule } from './types.ts';

/**
 * A slope that turns every difference of normal floats near a bound into at least 1, and rounds nothing: a power of two.
 * Beside 0 they are closest.
 */
const slopeAt = (bound: number): number => (bound === 0 ? 2 ** 127 : 2 ** 120);

/** Bounds whose product with the slope is a float. */
const FARTHEST = 64;

/** What no finite activation reaches. */
const HIGHEST = 2 ** 127 * (2 - 2 ** -23);

export const clip: GradientRule = ({ b, node, g }) => {
  const [x = '', low = '', high = ''] = node.inputs;
  const [least, most] = [exactBound(b, low), exactBound(b, high)];
  if (least !== undefined && most !== undefined && isNchwc(b, x)) {
    return [b.op('Mul', [g, isBetween(b, x, least, most)])];
  }
  const mask = (bound: string, exact: number | undefined, side: 1 | -1): string => {
    if (exact !== undefined) return isWithin(b, x, exact, side);
    return b.op('Cast', [b.op(side === 1 ? 'GreaterOrEqual' : 'LessOrEqual', [x, bound])], { to: 1 });
  };
  const inside = [...(low === '' ? [] : [mask(low, least, 1)]), ...(high === '' ? [] : [mask(high, most, -1)])];
  return [inside.reduce((product, each) => b.op('Mul', [product, each]), g)];
};

/** A bound that is constant and that a step by HardSigmoid meets exactly. */
function exactBound(b: GraphBuilder, name: string): number | undefined {
  const value = b.valueOf(name);
  if (value?.type !== 'float32') return undefined;
  const bound = Number(value.data[0]);
  return Math.abs(bound) <= FARTHEST ? bound : undefined;
}

/**
 * 1 where x >= bound (`side` 1) or x <= bound (`side` -1), else 0, and exact: the slope rounds nowhere, and the offset is
 * the next float above slope * bound, so that only the bound itself and what lies inside comes out positive, and then at
 * least 1.
 */
function isWithin(b: GraphBuilder, x: string, bound: number, side: 1 | -1): string {
  return b.op('HardSigmoid', [x], { alpha: side * slopeAt(bound), beta: offset(bound, side) });
}

function offset(bound: number, side: 1 | -1): number {
  return bound === 0 ? 1 : nextFloatAbove(-side * bound * slopeAt(bound));
}

/**
 * 1 where low <= x <= high, else 0, in two passes that ONNX Runtime keeps in its blocked layout: what is above is pushed
 * below everything, by a convolution that takes the sum and the step along.
 */
function isBetween(b: GraphBuilder, x: string, low: number, high: number): string {
  const channels = Number(b.shape(x)[1]);
  const above = b.op('HardSigmoid', [x], { alpha: slopeAt(high), beta: -high * slopeAt(high) });
  const pushed = b.op('Conv', [above, b.constant(channelwiseKernel(channels, [1, 1], 0, 0, -HIGHEST))], {
    kernel_shape: [1, 1],
    group: channels,
  });
  return isWithin(b, b.op('Add', [pushed, x]), low, 1);
}

function nextFloatAbove(value: number): number {
  const word = new Float32Array([value]);
  new Int32Array(word.buffer)[0]! += value > 0 ? 1 : -1;
  return word[0]!;
}
