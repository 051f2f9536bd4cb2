/**
 * @file Pad without its `axes` input. When ONNX Runtime 1.30 moves a Transpose across a Pad, it ignores that input, and
 * then fails or pads the wrong axes; so pads are always written for all axes.
 */

import { normalAxis } from '../model/dims.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * Pads some axes.
 *
 * @param pads widths before each of the axes, then after each: numbers, or a 1-D int64 value; negative ones crop
 * @param fill value to pad with; zero by default
 */
export function padAxes(
  b: GraphBuilder,
  value: string,
  pads: readonly number[] | string,
  axes: readonly number[],
  fill?: string,
): string {
  const rank = b.shape(value).length;
  const isWhole = axes.length === rank && axes.every((axis, place) => normalAxis(axis, rank) === place);
  const whole =
    isWhole && typeof pads === 'string'
      ? pads
      : typeof pads === 'string'
        ? computed(b, pads, axes, rank)
        : b.ints(wholePads(pads, axes, rank));
  return b.op('Pad', [value, whole, ...(fill === undefined ? [] : [fill])]);
}

/** The pads for all axes (before each, then after each), from the pads for some. */
export function wholePads(pads: readonly number[], axes: readonly number[], rank: number): number[] {
  return placesOf(axes, rank).map((place) => (place < 0 ? 0 : (pads[place] ?? Number.NaN)));
}

function computed(b: GraphBuilder, pads: string, axes: readonly number[], rank: number): string {
  const withZero = b.op('Concat', [pads, b.ints([0])], { axis: 0 });
  return b.op('Gather', [withZero, b.ints(placesOf(axes, rank).map((place) => (place < 0 ? 2 * axes.length : place)))]);
}

/** For each of the pads for all axes, its index among the given pads, or -1. */
function placesOf(axes: readonly number[], rank: number): number[] {
  const given = axes.map((axis) => normalAxis(axis, rank));
  return Array.from({ length: 2 * rank }, (_, at) => {
    const place = given.indexOf(at % rank);
    return place < 0 || at < rank ? place : place + axes.length;
  });
}
