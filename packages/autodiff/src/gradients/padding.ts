/**
 * @file Gradients of padding: a constant border is cropped, a repeated one is added to the elements that it repeats.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import { padAxes } from '../builder/pads.ts';
import { lengthOf } from '../builder/reshaping.ts';
import { normalAxis } from '../model/dims.ts';
import { stringAttribute } from '../operators/attributes.ts';
import { padded, placesAlong, scatterRows } from './scatter-rows.ts';
import type { GradientRule } from './types.ts';

const pad: GradientRule = ({ b, node, g, wants, unsupported }) => {
  if (wants(2)) unsupported('the value that it pads with has no gradient here');
  const [x = '', pads = '', , axesInput = ''] = node.inputs;
  const mode = stringAttribute(node, 'mode', 'constant');
  const rank = b.shape(x).length;
  const every = Array.from({ length: rank }, (_, axis) => axis);
  const axes = axesInput === '' ? every : (numbers(b, axesInput) ?? unsupported('its axes are computed'));
  const widths = numbers(b, pads);
  if (mode === 'constant') return [widths === undefined ? unpadded(b, g, pads, axes) : cut(b, g, axes, widths)];

  let result = g;
  axes.forEach((given, index) => {
    const axis = normalAxis(given, rank);
    const length = b.shape(x)[axis]!;
    const [before, after] = [widths?.[index], widths?.[index + axes.length]];
    if (before === 0 && after === 0) return;
    if (typeof length === 'number' && before !== undefined && after !== undefined) {
      result = folded(b, result, axis, { mode, length, before, after });
      return;
    }
    // Padding the indices 0, 1, ... in the same way gives the index that each row came from.
    const own = b.op('Gather', [pads, b.ints([index, index + axes.length])]);
    const places = b.op('Pad', [placesAlong(b, x, axis), own], { mode });
    result = scatterRows(b, result, axis, places, lengthOf(b, x, axis));
  });
  return [result];
};

function numbers(b: GraphBuilder, input: string): number[] | undefined {
  const value = b.valueOf(input);
  return value && Array.from(value.data as ArrayLike<number | bigint>, Number);
}

/** Padding by the negative widths: crops what was added, and restores as zeros what was cropped. */
function unpadded(b: GraphBuilder, g: string, pads: string, axes: readonly number[]): string {
  return padAxes(b, g, b.op('Neg', [pads]), axes);
}

function cut(b: GraphBuilder, g: string, axes: readonly number[], widths: readonly number[]): string {
  if (widths.some((width) => width < 0)) return unpadded(b, g, b.ints(widths), axes);
  const used = axes.flatMap((_, index) => (widths[index]! + widths[index + axes.length]! > 0 ? [index] : []));
  if (used.length === 0) return g;
  const starts = used.map((index) => widths[index]!);
  const ends = used.map((index) => -widths[index + axes.length]! || Number.MAX_SAFE_INTEGER);
  return b.op('Slice', [g, b.ints(starts), b.ints(ends), b.ints(used.map((index) => axes[index]!))]);
}

interface Border {
  readonly mode: string;
  /** Length of the axis before padding. */
  readonly length: number;
  readonly before: number;
  readonly after: number;
}

/** Adds the rows of the border to the rows that they repeat. */
function folded(b: GraphBuilder, g: string, axis: number, { mode, length, before, after }: Border): string {
  // Negative widths crop first; the rest is what is repeated.
  const low = Math.max(0, -before);
  const kept = length - low - Math.max(0, -after);
  const [left, right] = [Math.max(0, before), Math.max(0, after)];
  const rows = (from: number, to: number): string => b.op('Slice', [g, b.ints([from]), b.ints([to]), b.ints([axis])]);
  const core = padded(b, rows(left, left + kept), [axis], [low], [length - low - kept]);
  const sides = [
    ...(left > 0 ? [{ value: rows(0, left), from: -left, count: left }] : []),
    ...(right > 0 ? [{ value: rows(left + kept, left + kept + right), from: kept, count: right }] : []),
  ];
  if (sides.length === 0) return core;
  const values = sides.map(({ value }) => value);
  const border = values.length === 1 ? values[0]! : b.op('Concat', values, { axis });
  const places = sides.flatMap(({ from, count }) =>
    Array.from({ length: count }, (_, at) => low + repeated(mode, from + at, kept)),
  );
  return b.op('Add', [core, scatterRows(b, border, axis, places, length)]);
}

/** The index in [0, length) that an index outside repeats. */
function repeated(mode: string, at: number, length: number): number {
  if (mode === 'edge') return Math.max(0, Math.min(length - 1, at));
  const period = mode === 'reflect' ? Math.max(1, 2 * (length - 1)) : length;
  const within = ((at % period) + period) % period;
  return within < length ? within : period - within;
}

export const PADDING: Readonly<Record<string, GradientRule>> = { Pad: pad };
