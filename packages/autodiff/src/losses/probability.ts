/** @file What is differentiated: objectives on logits, each with its own cotangent, so that nothing cancels. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Objective } from './objective.ts';
import { oneHot, pick } from './rows.ts';

/**
 * The logit of the class, Z_class; its derivative is 1 for the class and 0 elsewhere.
 *
 * @param logits `float32`, `N x classes`
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function logitObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const hot = oneHot(b, logits, classes);
  return { value: pick(b, logits, hot), cotangent: hot };
}

/** Parts of the derivative of log p(class): the one-hot class, the other probabilities, and their sum at the class. */
function aroundClass(b: GraphBuilder, logits: string, classes: string) {
  const hot = oneHot(b, logits, classes);
  const cold = b.op('Sub', [b.scalar(1), hot]);
  const others = b.op('Mul', [b.op('Softmax', [logits], { axis: 1 }), cold]);
  const rest = b.op('ReduceSum', [others, b.ints([1])], { keepdims: 1 });
  return { hot, others, own: b.op('Mul', [hot, rest]) };
}

/**
 * The log-probability of the class, log p(class) with p = softmax(logits), at most 0. A targeted attack maximizes it
 * for its target. The derivative for the class itself, 1 - p, is computed as the sum of the other probabilities, so it
 * stays accurate where the network is certain and 1 - p would be rounded to 0.
 *
 * @param logits `float32`, `N x classes`
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function logProbabilityObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const { hot, others, own } = aroundClass(b, logits, classes);
  const value = pick(b, b.op('LogSoftmax', [logits], { axis: 1 }), hot);
  return { value, cotangent: b.op('Sub', [own, others]) };
}

/**
 * The cross-entropy, -log p(class), at least 0. An untargeted attack maximizes it for the true class. As accurate as
 * {@link logProbabilityObjective}, whose negative it is.
 *
 * @param logits `float32`, `N x classes`
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function crossEntropyObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const { hot, others, own } = aroundClass(b, logits, classes);
  const value = b.op('Neg', [pick(b, b.op('LogSoftmax', [logits], { axis: 1 }), hot)]);
  return { value, cotangent: b.op('Sub', [others, own]) };
}

/**
 * The probability of the class, p(class), in [0, 1]. Its derivative is p times that of log p.
 *
 * @param logits `float32`, `N x classes`
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function probabilityObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const log = logProbabilityObjective(b, logits, classes);
  const value = b.op('Exp', [log.value]);
  return { value, cotangent: b.op('Mul', [log.cotangent, b.op('Unsqueeze', [value, b.ints([1])])]) };
}
