/** @file Where the batch axis is in a value. */

import type { GraphBuilder } from '../builder/builder.ts';
import { normalAxis } from '../model/dims.ts';
import type { Dim, Node } from '../model/model.ts';
import { elementCount } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';

/** The name that an opened batch axis has in shapes. */
export const BATCH = 'N';

/**
 * The axis along which the images lie. As the network was written for one image, that axis has `outer * inner` elements
 * there; in a batch of N it has `outer * N * inner`, in this order. Both are 1 where the axis is the batch alone.
 */
export interface BatchAxis {
  readonly axis: number;
  readonly outer: number;
  readonly inner: number;
}

/** Whether the axis is the batch and nothing else. */
export function isPure({ outer, inner }: BatchAxis): boolean {
  return outer === 1 && inner === 1;
}

/** What a rule sees of the node; shapes are those for one image. */
export interface BatchContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Where the batch is in an input; `undefined` where all images share it. */
  batch(index: number): BatchAxis | undefined;
  /** The batch axis of the first input that has one. */
  readonly first: BatchAxis;
  shape(index: number): readonly number[];
  /** The shape of the first output. */
  readonly out: readonly number[];
  /** Whole numbers in an input that is known; an open length of the batch counts as 1. */
  ints(index: number): readonly number[];
  has(index: number): boolean;
  /** Ends with an error: it cannot be shown that no image has an influence on another. */
  refuse(why: string): never;
}

/** The node for batches, and where the batch is in each output. */
export interface Batched {
  readonly node: Node;
  readonly axes: readonly (BatchAxis | undefined)[];
}

export type BatchRule = (context: BatchContext) => Batched;

/** All outputs have the batch in the same place. */
export function everywhere({ node }: BatchContext, axis: BatchAxis, rewritten: Node = node): Batched {
  return { node: rewritten, axes: node.outputs.map(() => axis) };
}

/** Refuses where another input than the first depends on the image. */
export function firstAlone({ node, batch, refuse }: BatchContext): BatchAxis {
  if (node.inputs.some((_, index) => index > 0 && batch(index) !== undefined)) refuse('parameters depend on the image');
  return batch(0) ?? refuse('parameters depend on the image');
}

/** The `axis` attribute, from the front. */
export function ownAxis({ node, shape }: BatchContext, otherwise: number): number {
  return normalAxis(intAttribute(node, 'axis', otherwise), shape(0).length);
}

/**
 * Where the batch is after the same elements were put in another shape.
 *
 * Elements run as (before, N, behind). Where the batch lies between two axes it could be joined to either: one of length 1
 * takes it alone, else the later one (heads of an attention), but never the last, which holds features.
 */
export function reshapedAxis(batch: BatchAxis, from: readonly number[], to: readonly number[]): BatchAxis | undefined {
  const before = elementCount(from.slice(0, batch.axis)) * batch.outer;
  let prefix = 1;
  for (const [axis, length] of to.entries()) {
    if (prefix === before && (length === 1 || axis === 0 || axis < to.length - 1)) {
      return { axis, outer: 1, inner: length };
    }
    const isLastBefore = axis === to.length - 2 && prefix * length === before && to[axis + 1] !== 1;
    if (isLastBefore) return { axis, outer: length, inner: 1 };
    if (prefix * length > before) {
      const outer = before / prefix;
      return Number.isInteger(outer) && length % outer === 0 ? { axis, outer, inner: length / outer } : undefined;
    }
    prefix *= length;
  }
  return undefined;
}

/** The target of a Reshape to a shape, for any number of images. */
export function batchTarget(batch: BatchAxis, to: readonly number[], from?: BatchAxis): readonly number[] {
  const stays = from !== undefined && from.axis === batch.axis && isPure(from) && isPure(batch);
  return to.map((length, axis) => (axis === batch.axis ? (stays ? 0 : -1) : length));
}

/** The shape in a batch, as far as it has a name. */
export function batchedShape(batch: BatchAxis, shape: readonly number[]): readonly Dim[] {
  return shape.map((length, axis) => (axis !== batch.axis ? length : isPure(batch) ? BATCH : '?'));
}
