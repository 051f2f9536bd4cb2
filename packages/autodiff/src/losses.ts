/** @file What is differentiated: objectives on logits, each with its own cotangent, so that nothing cancels. */

import type { GraphBuilder } from './graph/builder.ts';

/** An objective for each sample, and its derivative with respect to the logits. */
export interface Objective {
  /** `N`: the objective of each sample. */
  readonly value: string;
  /** `N x classes`: its derivative with respect to that sample's logits. */
  readonly cotangent: string;
}

/** One row for each sample, 1 at its class, else 0. */
function oneHot(b: GraphBuilder, logits: string, classes: string): string {
  const count = Number(b.shape(logits)[1]);
  const depth = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(count)) });
  const values = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) });
  return b.op('OneHot', [classes, depth, values], { axis: -1 });
}

function pick(b: GraphBuilder, rows: string, hot: string): string {
  return b.op('ReduceSum', [b.op('Mul', [rows, hot]), b.ints([1])], { keepdims: 0 });
}

/** The logit of a class. */
export function logitObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const hot = oneHot(b, logits, classes);
  return { value: pick(b, logits, hot), cotangent: hot };
}

/**
 * log p(class), p = softmax(logits). The derivative for the class itself, 1 - p, is the sum of the other
 * probabilities, so it stays exact where the network is certain and 1 - p would cancel.
 *
 * @param logits `N x classes`
 * @param classes `N`, int64
 */
export function logProbabilityObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const hot = oneHot(b, logits, classes);
  const cold = b.op('Sub', [b.scalar(1), hot]);
  const others = b.op('Mul', [b.op('Softmax', [logits], { axis: 1 }), cold]);
  const rest = b.op('ReduceSum', [others, b.ints([1])], { keepdims: 1 });
  const cotangent = b.op('Sub', [b.op('Mul', [hot, rest]), others]);
  return { value: pick(b, b.op('LogSoftmax', [logits], { axis: 1 }), hot), cotangent };
}

/** p(class): its derivative is p times that of log p. */
export function probabilityObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const log = logProbabilityObjective(b, logits, classes);
  const value = b.op('Exp', [log.value]);
  return { value, cotangent: b.op('Mul', [log.cotangent, b.op('Unsqueeze', [value, b.ints([1])])]) };
}
