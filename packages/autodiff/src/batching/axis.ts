/** @file Where the batch axis is in a value. */

import type { GraphBuilder } from '../builder/builder.ts';
import { normalAxis } from '../model/dims.ts';
import type { Dim, Node } from '../model/model.ts';
import { elementCount } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';

/** The name that an opened batch axis has in shapes. */
export const BATCH = 'N';

/**
 * The axis that contains the batch. In the network for one image it has the length `outer * inner`; in a batch of N it
 * has `outer * N * inner`, in this order. Both are 1 if the axis is the batch alone.
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

/** What a rule may ask about the node; shapes are those for one image. */
export interface BatchContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** The batch axis of an input; `undefined` if the input does not depend on the images. */
  batch(index: number): BatchAxis | undefined;
  /** The batch axis of the first input that has one. */
  readonly first: BatchAxis;
  shape(index: number): readonly number[];
  /** The shape of the first output. */
  readonly out: readonly number[];
  /** The integers in an input for one image. Throws if they are not known. */
  ints(index: number): readonly number[];
  has(index: number): boolean;
  /** Throws the error that images may influence each other at this node. */
  refuse(why: string): never;
}

/** The node for batches, and the batch axis of each output. */
export interface Batched {
  readonly node: Node;
  readonly axes: readonly (BatchAxis | undefined)[];
}

export type BatchRule = (context: BatchContext) => Batched;

/** The result of a rule for a node whose outputs all have the same batch axis. */
export function everywhere({ node }: BatchContext, axis: BatchAxis, rewritten: Node = node): Batched {
  return { node: rewritten, axes: node.outputs.map(() => axis) };
}

/** The batch axis of the first input; throws if any other input depends on the images. */
export function firstAlone({ node, batch, refuse }: BatchContext): BatchAxis {
  if (node.inputs.some((_, index) => index > 0 && batch(index) !== undefined)) refuse('parameters depend on the image');
  return batch(0) ?? refuse('parameters depend on the image');
}

/** The `axis` attribute, counted from the front. */
export function ownAxis({ node, shape }: BatchContext, otherwise: number): number {
  return normalAxis(intAttribute(node, 'axis', otherwise), shape(0).length);
}

/**
 * The batch axis after a Reshape; `undefined` if the batch would be spread over several axes.
 *
 * In row-major order the elements are (before, N, after). Where the batch falls between two axes it could belong to
 * either: an axis of length 1 becomes the batch alone, else the later one contains it (heads of attention), but never
 * the last axis, which holds features.
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

/** The target of a Reshape for any number of images, from the shape for one. */
export function batchTarget(batch: BatchAxis, to: readonly number[], from?: BatchAxis): readonly number[] {
  const stays = from !== undefined && from.axis === batch.axis && isPure(from) && isPure(batch);
  return to.map((length, axis) => (axis === batch.axis ? (stays ? 0 : -1) : length));
}

/** The shape for any number of images, from the shape for one; `?` for an axis that contains the batch with more. */
export function batchedShape(batch: BatchAxis, shape: readonly number[]): readonly Dim[] {
  return shape.map((length, axis) => (axis !== batch.axis ? length : isPure(batch) ? BATCH : '?'));
}
