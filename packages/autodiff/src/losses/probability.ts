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

/**
 * The logarithm of the class's sigmoid, log 1 / (1 + exp(-Z_class)), at most 0: the confidence of a network of several labels
 * that each stand for themselves. Its derivative is 1 minus the sigmoid for the class, and 0 elsewhere.
 *
 * @param logits `float32`, `N x classes`
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function logSigmoidObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const hot = oneHot(b, logits, classes);
  const below = (value: string): string => b.op('Min', [value, b.scalar(0)]);
  // log sigmoid(z) = min(z, 0) - log(1 + exp(-|z|)), and 1 - sigmoid(z) = exp(min(-z, 0)) / (1 + exp(-|z|)): nothing overflows,
  // and the derivative is as accurate where the class is certain, as ONNX Runtime's Sigmoid, 0 from -18 down, is not.
  const sum = b.op('Add', [b.op('Exp', [b.op('Neg', [b.op('Abs', [logits])])]), b.scalar(1)]);
  const value = pick(b, b.op('Sub', [below(logits), b.op('Log', [sum])]), hot);
  const rest = b.op('Div', [b.op('Exp', [below(b.op('Neg', [logits]))]), sum]);
  return { value, cotangent: b.op('Mul', [hot, rest]) };
}
