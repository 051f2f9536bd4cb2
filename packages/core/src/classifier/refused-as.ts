/**
 * @file Logits of a classifier that refuses, with what is refused counted as one of its classes: the form in which an attack
 * sees them, for which being refused is no success.
 *
 * An image that is accepted keeps its logits Z_k. With a the probability of not being refused, the chosen class y of one
 * that is refused has ln(e^Z_y + e^(M + r)), where M = max_{i != y} Z_i and r = max(0, -ln 2a). Of the answers of
 * `guardedAnswers`, where a score s is below its threshold t, r is (t - s) / scale, so that the margin M - Z_y becomes
 * -ln(e^-(M - Z_y) + e^((t - s) / scale)): a smooth form of the smaller of the network's margin and (s - t) / scale, below zero
 * wherever the image is refused. What climbs it climbs both, what is lacking most the steepest.
 */

import type { GraphBuilder } from '@pareidolia/autodiff';
import { logSumExp } from './draws.ts';
import { argmax } from './scores.ts';

/** ONNX's number for the type `bool`. */
const BOOL = 9;

/** Below every logit: excludes an entry from a maximum. */
const LOWEST = -3.4e38;

/**
 * Logits of one class less: see above.
 *
 * @param classIndex what being refused counts as; not the last
 * @param logits `classes`, of one image, of which the last is that of being refused
 * @returns `classes - 1`
 */
export function refusedAs(classIndex: number, logits: Float32Array): Float32Array {
  const last = logits.length - 1;
  const merged = logits.slice(0, last);
  if (argmax(logits) !== last) return merged;
  let rival = LOWEST;
  merged.forEach((value, k) => {
    if (k !== classIndex) rival = Math.max(rival, value);
  });
  const lacks = Math.max(0, logSumExp(logits) - logSumExp(merged) - Math.LN2);
  merged[classIndex] = logSumExp([merged[classIndex]!, rival + lacks]);
  return merged;
}

/**
 * {@link refusedAs} in a graph.
 *
 * @param logits `N x classes`, of which the last is that of being refused
 * @param classIndices `int64`, `N`: for each image what being refused counts as
 * @returns `N x (classes - 1)`
 */
export function refusedRows(b: GraphBuilder, logits: string, classIndices: string, classes: number): string {
  const last = classes - 1;
  const columns = (from: number, to: number): string =>
    b.op('Slice', [logits, b.ints([from]), b.ints([to]), b.ints([1])]);
  const most = (rows: string): string => b.op('ReduceMax', [rows, b.ints([1])], { keepdims: 1 });
  const total = (rows: string): string => b.op('ReduceLogSumExp', [rows, b.ints([1])], { keepdims: 1 });
  const known = columns(0, last);
  const isRefused = b.op('Greater', [columns(last, classes), most(known)]);
  const depth = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(last)) });
  const values = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) });
  const isOwn = b.op('Cast', [b.op('OneHot', [classIndices, depth, values], { axis: -1 })], { to: BOOL });
  const rival = most(b.op('Where', [isOwn, b.scalar(LOWEST), known]));
  const share = b.op('Sub', [total(logits), total(known)]);
  const lacks = b.op('Max', [b.op('Sub', [share, b.scalar(Math.LN2)]), b.scalar(0)]);
  const above = b.op('Where', [isRefused, b.op('Add', [rival, lacks]), b.scalar(LOWEST)]);
  // ln(e^x + e^y) = max + ln(1 + e^-|x - y|).
  const apart = b.op('Exp', [b.op('Neg', [b.op('Abs', [b.op('Sub', [known, above])])])]);
  const both = b.op('Add', [b.op('Max', [known, above]), b.op('Log', [b.op('Add', [apart, b.scalar(1)])])]);
  return b.op('Where', [isOwn, both, known]);
}
