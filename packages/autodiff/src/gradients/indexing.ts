/** @file Gradients of operators that read or write elements by index. */

import { lengthOf, lengthsOf, reshapeTo, zerosOf } from '../builder/reshaping.ts';
import { normalAxis } from '../model/dims.ts';
import { intAttribute, stringAttribute } from '../operators/attributes.ts';
import { scatterRows } from './scatter-rows.ts';
import type { GradientRule } from './types.ts';

/** Each row goes back to where it was read; rows that were read several times add up. */
const gather: GradientRule = ({ b, node, g }) => {
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!];
  const axis = normalAxis(intAttribute(node, 'axis', 0), b.shape(x).length);
  const length = lengthOf(b, x, axis);
  const rank = b.shape(indices).length;
  const known = b.valueOf(indices);
  if (known !== undefined && typeof length === 'number') {
    const places = Array.from(known.data as ArrayLike<number | bigint>, (at) => normalAxis(Number(at), length));
    return [scatterRows(b, rows(places.length), axis, places, length)];
  }
  const flat = rank === 1 ? indices : b.op('Reshape', [indices, b.ints([-1])]);
  return [scatterRows(b, rows(lengthOf(b, flat, 0)), axis, flat, length)];

  /** The cotangent with the axes of the indices merged into one. */
  function rows(count: ReturnType<typeof lengthOf>): string {
    if (rank === 1) return g;
    if (rank === 0) return b.op('Unsqueeze', [g, b.ints([axis])]);
    const lengths = lengthsOf(b, g);
    return reshapeTo(b, g, [...lengths.slice(0, axis), count, ...lengths.slice(axis + rank)]);
  }
};

const gatherElements: GradientRule = ({ b, node, g }) => {
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!];
  const axis = intAttribute(node, 'axis', 0);
  return [b.op('ScatterElements', [zerosOf(b, x), indices, g], { axis, reduction: 'add' })];
};

const gatherND: GradientRule = ({ b, node, g, unsupported }) => {
  if (intAttribute(node, 'batch_dims', 0) !== 0) return unsupported('with batch_dims it has no gradient here');
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!];
  return [b.op('ScatterND', [zerosOf(b, x), indices, g], { reduction: 'add' })];
};

/** An element that was overwritten gets 0; an update gets the cotangent at its index. */
function scatter(scatterType: string, gatherType: string): GradientRule {
  return ({ b, node, g, wants, unsupported }) => {
    const [, indices, updates] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]!];
    const reduction = stringAttribute(node, 'reduction', 'none');
    if (reduction !== 'none' && reduction !== 'add')
      return unsupported(`its reduction ${reduction} has no gradient here`);
    const along = scatterType === 'ScatterElements' ? { axis: intAttribute(node, 'axis', 0) } : {};
    const data = (): string => (reduction === 'add' ? g : b.op(scatterType, [g, indices, zerosOf(b, updates)], along));
    return [wants(0) ? data() : undefined, undefined, wants(2) ? b.op(gatherType, [g, indices], along) : undefined];
  };
}

/** The cotangents go back to the indices in the second output. */
const topK: GradientRule = ({ b, node, cotangents }) => {
  const [x, places, g] = [node.inputs[0]!, node.outputs[1]!, cotangents[0]];
  if (g === undefined) return [];
  return [b.op('ScatterElements', [zerosOf(b, x), places, g], { axis: intAttribute(node, 'axis', -1) })];
};

export const INDEXING: Readonly<Record<string, GradientRule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatter('ScatterElements', 'GatherElements'),
  ScatterND: scatter('ScatterND', 'GatherND'),
  TopK: topK,
};
