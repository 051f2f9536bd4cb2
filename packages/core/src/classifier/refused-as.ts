/**
 * @file Logits of a classifier that refuses, with what is refused counted as one of its classes, y: the form in which an attack
 * sees them, for which being refused is no success.
 *
 * An image keeps its logits Z_k where it is accepted, and where y has the largest. Else, with M = max_{i != y} Z_i and the
 * probability a of not being refused, the logit of y is ln(e^Z_y + e^M (1 + r)), r = max(0, -ln 2a). Of the answers of
 * `guardedAnswers`, where a score s is below its threshold t, r is (t - s) / scale. So the margin M - Z_y is above zero where the image is
 * accepted as another class and only there. What climbs it leaves y first, whatever the detector says on the way (the
 * largest softmax falls between any two classes), and then climbs the score and stays away from y: Bryniarski et al. 2021 (arXiv
 * 2106.15023) have such a selection between both.
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
  const own = merged[classIndex]!;
  if (argmax(logits) !== last) return merged;
  let rival = LOWEST;
  merged.forEach((value, k) => {
    if (k !== classIndex) rival = Math.max(rival, value);
  });
  if (rival <= own) return merged;
  const lacks = Math.max(0, logSumExp(logits) - logSumExp(merged) - Math.LN2);
  merged[classIndex] = logSumExp([own, rival + Math.log1p(lacks)]);
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
  const isWrong = b.op('Greater', [rival, most(b.op('Where', [isOwn, known, b.scalar(LOWEST)]))]);
  const share = b.op('Sub', [total(logits), total(known)]);
  const lacks = b.op('Max', [b.op('Sub', [share, b.scalar(Math.LN2)]), b.scalar(0)]);
  const raised = b.op('Add', [rival, b.op('Log', [b.op('Add', [lacks, b.scalar(1)])])]);
  const above = b.op('Where', [b.op('And', [isRefused, isWrong]), raised, b.scalar(LOWEST)]);
  // ln(e^x + e^y) = max + ln(1 + e^-|x - y|).
  const apart = b.op('Exp', [b.op('Neg', [b.op('Abs', [b.op('Sub', [known, above])])])]);
  const both = b.op('Add', [b.op('Max', [known, above]), b.op('Log', [b.op('Add', [apart, b.scalar(1)])])]);
  return b.op('Where', [isOwn, both, known]);
}
