/** @file Gradients of Concat, Split and Slice. */

import { lengthOf, vectorOf, zerosOf } from '../builder/reshaping.ts';
import { isSameLength, normalAxis } from '../model/dims.ts';
import type { Entry } from '../model/entries.ts';
import type { Dim } from '../model/model.ts';
import { typeCode } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { padded, placesAlong, scatterRows } from './scatter-rows.ts';
import type { GradientRule } from './types.ts';

const concat: GradientRule = ({ b, node, g, wants }) => {
  const axis = normalAxis(intAttribute(node, 'axis', 0), b.shape(node.outputs[0]!).length);
  if (node.inputs.length === 1) return [g];
  const sizes = node.inputs.map((input) => lengthOf(b, input, axis));
  const parts = b.ops('Split', [g, vectorOf(b, sizes)], sizes.length, { axis });
  return parts.map((part, index) => (wants(index) ? part : undefined));
};

const split: GradientRule = ({ b, node, cotangents }) => {
  const axis = intAttribute(node, 'axis', 0);
  const parts = node.outputs.map((output, index) => cotangents[index] ?? zerosOf(b, output));
  return [b.op('Concat', parts, { axis })];
};

/**
 * Whether a slice that begins at 0 cuts nothing. That an unknown length is still unknown afterwards says nothing, nor does
 * its name: the name of an output's axis is whatever the exporter wrote.
 *
 * @param end a number, or the name of the open length that it is
 */
function isWhole(length: Dim, kept: Dim, end: Entry | undefined): boolean {
  if (typeof length === 'number') return length === kept;
  return typeof end === 'number' ? end >= 2 ** 31 - 1 : isSameLength(end, length);
}

/** Puts the cotangent into zeros. */
const slice: GradientRule = ({ b, node, g, unsupported }) => {
  const [x = '', starts = '', ends = '', axesInput = '', stepsInput = ''] = node.inputs;
  const [from, to] = [b.shape(x), b.shape(node.outputs[0]!)];
  if (to.includes(0)) return [zerosOf(b, x)];
  const numbers = (input: string): number[] | undefined => {
    const value = b.valueOf(input);
    return value && Array.from(value.data as ArrayLike<number | bigint>, Number);
  };
  const [count] = b.shape(starts);
  if (typeof count !== 'number') return unsupported('how many axes it cuts is not known');
  const every = Array.from({ length: count }, (_, axis) => axis);
  const axes = axesInput === '' ? every : (numbers(axesInput) ?? unsupported('its axes are computed'));
  const first = numbers(starts);
  const last = b.entriesOf(ends)?.data;
  const steps = stepsInput === '' ? every.map(() => 1) : numbers(stepsInput);
  const around: { axis: number; before: number; after: number }[] = [];
  let result = g;
  // The last axis first: while the other axes are still short, there are fewer rows to multiply.
  for (const [index, given] of [...axes.entries()].reverse()) {
    const axis = normalAxis(given, from.length);
    const [length, kept, start, step] = [from[axis]!, to[axis]!, first?.[index], steps?.[index]];
    if (start === 0 && step === 1 && isWhole(length, kept, last?.[index])) continue;
    if (typeof length === 'number' && typeof kept === 'number' && start !== undefined && step !== undefined) {
      const place = Math.max(0, Math.min(length - 1, start < 0 ? start + length : start));
      const places = Array.from({ length: kept }, (_, at) => place + at * step);
      if (step === 1) around.push({ axis, before: place, after: length - place - kept });
      else result = scatterRows(b, result, axis, places, length);
      continue;
    }
    // Bounds are computed: the same Slice of the indices 0, 1, ... gives the index that each row came from.
    const own = (input: string): string => {
      const bound = b.op('Gather', [input, b.ints([index])]);
      return b.typeOf(input).type === 'int64' ? bound : b.op('Cast', [bound], { to: typeCode('int64') });
    };
    const bounds = [own(starts), own(ends), b.ints([0]), ...(stepsInput === '' ? [] : [own(stepsInput)])];
    const places = b.op('Slice', [placesAlong(b, x, axis), ...bounds]);
    result = scatterRows(b, result, axis, places, lengthOf(b, x, axis));
  }
  return [
    padded(
      b,
      result,
      around.map(({ axis }) => axis),
      around.map(({ before }) => before),
      around.map(({ after }) => after),
    ),
  ];
};

export const SLICING: Readonly<Record<string, GradientRule>> = { Concat: concat, Slice: slice, Split: split };
