/**
 * @file Pads of all axes of a value. ONNX Runtime 1.30 moves transpositions across a Pad as if its pads were of all axes,
 * also where it has an input that names some, and then fails or pads the wrong ones; so nothing is written with axes.
 */

import { normalAxis } from '../model/dims.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * Pads along some axes.
 *
 * @param pads before each of the axes, then behind each: numbers, or a 1-D int64 value
 * @param fill what to pad with; zero when absent
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

/** The pads of all axes, before each and then behind each, where those of some are given. */
export function wholePads(pads: readonly number[], axes: readonly number[], rank: number): number[] {
  return placesOf(axes, rank).map((place) => (place < 0 ? 0 : (pads[place] ?? Number.NaN)));
}

function computed(b: GraphBuilder, pads: string, axes: readonly number[], rank: number): string {
  const withZero = b.op('Concat', [pads, b.ints([0])], { axis: 0 });
  return b.op('Gather', [withZero, b.ints(placesOf(axes, rank).map((place) => (place < 0 ? 2 * axes.length : place)))]);
}

/** For each pad of all axes its place among those of the given axes, or -1. */
function placesOf(axes: readonly number[], rank: number): number[] {
  const given = axes.map((axis) => normalAxis(axis, rank));
  return Array.from({ length: 2 * rank }, (_, at) => {
    const place = given.indexOf(at % rank);
    return place < 0 || at < rank ? place : place + axes.length;
  });
}
