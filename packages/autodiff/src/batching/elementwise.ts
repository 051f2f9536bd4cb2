/** @file Batches through operators that work on each element by itself, with what they are stretched against. */

import { OnnxError } from '../errors.ts';
import type { Node } from '../model/model.ts';
import { ELEMENTWISE } from '../operators/elementwise.ts';
import { type BatchAxis, type BatchContext, type BatchRule, everywhere } from './axis.ts';

/** The axis of an input among those of the output, to which it is aligned at the end. */
function aligned({ shape, out }: BatchContext, index: number, axis: number): number {
  return axis + out.length - shape(index).length;
}

function sameAxis(a: BatchAxis, b: BatchAxis): boolean {
  return a.axis === b.axis && a.outer === b.outer && a.inner === b.inner;
}

/** The one place where all that depend on the image have the batch, along the output's axes. */
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

/** How long an input that all images share is where the others have the batch. */
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
 * Where a shared input has a length of its own along the axis that the batch is part of, the axis is taken apart for the
 * operator, and put together again.
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

export const ELEMENTWISE_BATCHES: Readonly<Record<string, BatchRule>> = Object.fromEntries(
  ELEMENTWISE.map((opType) => [opType, elementwise]),
);

/** An error about one node that says what would help. */
export function unproven({ opType, name }: Node, why: string): OnnxError {
  return new OnnxError(
    `The model takes one image at a time and cannot be given batches: at ${opType} (node ${name}) ${why}; export it with an open batch axis (dynamic_axes in PyTorch)`,
  );
}
