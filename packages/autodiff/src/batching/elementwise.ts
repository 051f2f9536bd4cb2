/** @file The batch axis through elementwise operators, which broadcast. */

import { FixedBatchError } from '../errors.ts';
import type { Node } from '../model/model.ts';
import { operatorsIn, ruleFor } from '../operators/table.ts';
import { type BatchAxis, type BatchContext, type BatchRule, everywhere } from './axis.ts';

/** The output axis that an input's axis is broadcast to. */
function aligned({ shape, out }: BatchContext, index: number, axis: number): number {
  return axis + out.length - shape(index).length;
}

function sameAxis(a: BatchAxis, b: BatchAxis): boolean {
  return a.axis === b.axis && a.outer === b.outer && a.inner === b.inner;
}

/** The batch axis of the output; throws unless all inputs that have one agree. */
export function commonAxis(context: BatchContext): BatchAxis {
  const { node, batch, refuse } = context;
  const places = node.inputs.flatMap((_, index) => {
    const own = batch(index);
    return own === undefined ? [] : [{ ...own, axis: aligned(context, index, own.axis) }];
  });
  const [place, ...others] = places;
  if (place === undefined || !others.every((other) => sameAxis(place, other))) {
    return refuse('its inputs have the images along unlike axes');
  }
  return place;
}

/** The length of an input along an axis of the output; 1 if it has no such axis. */
function lengthAt(context: BatchContext, index: number, axis: number): number {
  return context.shape(index)[axis - context.out.length + context.shape(index).length] ?? 1;
}

export const elementwise: BatchRule = (context) => {
  const { node, batch } = context;
  const place = commonAxis(context);
  const shared = node.inputs.flatMap((name, index) => (name === '' || batch(index) !== undefined ? [] : [index]));
  if (shared.every((index) => lengthAt(context, index, place.axis) === 1)) return everywhere(context, place);
  return everywhere(context, place, apart(context, place, shared));
};

/**
 * For an input without the batch that is longer than 1 along the axis that contains the batch: splits the batch off the
 * others' axis, and merges it again afterwards.
 */
function apart(context: BatchContext, place: BatchAxis, shared: readonly number[]): Node {
  const { b, node, out, refuse } = context;
  if (place.outer !== 1) return refuse('the images lie between others along an axis');
  const inputs = node.inputs.map((name, index) => {
    if (name === '') return name;
    const own = context.shape(index);
    const at = place.axis - out.length + own.length;
    if (shared.includes(index)) return at <= 0 ? name : b.op('Unsqueeze', [name, b.ints([at])]);
    return b.op('Reshape', [name, b.ints([...own.slice(0, at), -1, ...own.slice(at)])]);
  });
  const parts = b.node(node.opType, inputs, 1);
  b.add({ ...parts, attributes: node.attributes });
  const target = b.ints(out.map((length, axis) => (axis === place.axis ? -1 : length)));
  return { ...node, opType: 'Reshape', inputs: [parts.outputs[0]!, target], attributes: new Map() };
}

export const ELEMENTWISE_BATCHES: Readonly<Record<string, BatchRule>> = ruleFor(
  operatorsIn('unary', 'broadcasting', 'comparison', 'elementwise'),
  elementwise,
);

/** The error that a model cannot be given batches because of one node. */
export function unproven({ opType, name }: Node, why: string): FixedBatchError {
  return new FixedBatchError(`${opType} (node ${name}) ${why}`);
}
