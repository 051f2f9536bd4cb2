/** @file Operations on rows of logits, `N x classes`, by one-hot masks. */

import type { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';

/** ONNX's number for the type `bool`. */
const BOOL = 9;

/** Below every logit: excludes an entry from a maximum. */
const LOWEST = -3.4e38;

/**
 * The number of classes.
 *
 * @throws OnnxError if it is not known, or below `least`
 */
export function classCount(b: GraphBuilder, logits: string, least = 1): number {
  const shape = b.shape(logits);
  const count = shape[1];
  if (shape.length !== 2 || typeof count !== 'number') {
    throw new OnnxError(
      `An objective needs logits of the shape [samples, classes], and ${logits} has [${shape.join(', ')}]; reshape it first`,
    );
  }
  if (count < least) {
    throw new OnnxError(`This objective needs ${least} classes, and ${logits} has ${count}; choose another objective`);
  }
  return count;
}

/** One-hot rows of classes, `N x classes`. */
export function oneHot(b: GraphBuilder, logits: string, classes: string): string {
  const count = classCount(b, logits);
  const depth = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(count)) });
  const values = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) });
  return b.op('OneHot', [classes, depth, values], { axis: -1 });
}

/** The entry of each row that a one-hot mask selects, `N`; infinities elsewhere do no harm. */
export function pick(b: GraphBuilder, rows: string, hot: string): string {
  const marked = b.op('Where', [b.op('Cast', [hot], { to: BOOL }), rows, b.scalar(0)]);
  return b.op('ReduceSum', [marked, b.ints([1])], { keepdims: 0 });
}

/** Rows with the entry that a one-hot mask selects replaced by a number below all others. */
export function without(b: GraphBuilder, rows: string, hot: string): string {
  return b.op('Where', [b.op('Cast', [hot], { to: BOOL }), b.scalar(LOWEST), rows]);
}

/** A one-hot mask of the largest entry of each row; the first one of equals. */
export function largest(b: GraphBuilder, logits: string, rows: string): string {
  return oneHot(b, logits, b.op('ArgMax', [rows], { axis: 1, keepdims: 0 }));
}

/** One-hot masks of the largest entry of each row, of the second largest, and so on. */
export function ranked(b: GraphBuilder, logits: string, count: number): readonly string[] {
  const marks: string[] = [];
  let rest = logits;
  for (let rank = 0; rank < count; rank++) {
    const hot = largest(b, logits, rest);
    marks.push(hot);
    if (rank < count - 1) rest = without(b, rest, hot);
  }
  return marks;
}
