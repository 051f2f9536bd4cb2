/** @file Step functions: a HardSigmoid of a huge slope needs one pass, is vectorized, and stays in the layout. */

import type { GraphBuilder } from '../../builder/builder.ts';

/** The slope of the step function: every normal positive float times it is at least 1, and is clipped to 1. */
export const STEEP = 3e38;

/** 1 where x > 0, else 0. */
export function unitStep(b: GraphBuilder, x: string): string {
  return b.op('HardSigmoid', [x], { alpha: STEEP, beta: 0 });
}

/**
 * The slope of the step at a bound: it turns the difference of a bound from the next float into at least 1, and is a
 * power of two, so that the product is exact. Floats are densest around 0, which needs the largest slope.
 */
const slopeAt = (bound: number): number => (bound === 0 ? 2 ** 127 : 2 ** 120);

/** The largest bound whose product with the slope does not overflow. */
const FARTHEST = 64;

/** The smallest bound, but 0, that the slope separates from the next float. */
const NEAREST = 2 ** -96;

/** 1 where low <= x <= high, else 0, exactly; empty for no bound. */
export function isBetween(b: GraphBuilder, x: string, low: string, high: string): string {
  const [least, most] = [exactBound(b, low), exactBound(b, high)];
  const mask = (bound: string, exact: number | undefined, side: 1 | -1): string => {
    if (exact !== undefined) return isWithin(b, x, exact, side);
    return b.op('Cast', [b.op(side === 1 ? 'GreaterOrEqual' : 'LessOrEqual', [x, bound])], { to: 1 });
  };
  const inside = [...(low === '' ? [] : [mask(low, least, 1)]), ...(high === '' ? [] : [mask(high, most, -1)])];
  return inside.reduce((product, each) => b.op('Mul', [product, each]));
}

/** A bound, if it is a constant at which HardSigmoid can be made an exact step function. */
function exactBound(b: GraphBuilder, name: string): number | undefined {
  const value = b.valueOf(name);
  if (value?.type !== 'float32') return undefined;
  const bound = Number(value.data[0]);
  const size = Math.abs(bound);
  return size === 0 || (size >= NEAREST && size <= FARTHEST) ? bound : undefined;
}

/**
 * 1 where x >= bound (`side` 1) or x <= bound (`side` -1), else 0, exactly: the product with the slope is not rounded,
 * and the offset is the next float above -side * slope * bound, so that the sum is at least 1 at the bound and inside,
 * and at most 0 outside.
 */
function isWithin(b: GraphBuilder, x: string, bound: number, side: 1 | -1): string {
  return b.op('HardSigmoid', [x], { alpha: side * slopeAt(bound), beta: offset(bound, side) });
}

function offset(bound: number, side: 1 | -1): number {
  return bound === 0 ? 1 : nextFloatAbove(-side * bound * slopeAt(bound));
}

function nextFloatAbove(value: number): number {
  const word = new Float32Array([value]);
  new Int32Array(word.buffer)[0]! += value > 0 ? 1 : -1;
  return word[0]!;
}
