/** @file What is differentiated: objectives on logits, each with its own cotangent, so that nothing cancels. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Objective } from './objective.ts';
import { oneHot, pick } from './rows.ts';

/**
 * The logit of a class.
 *
 * @param logits `N x classes`
 * @param classes `N`, int64
 * @throws OnnxError where the number of classes is not known
 */
export function logitObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const hot = oneHot(b, logits, classes);
  return { value: pick(b, logits, hot), cotangent: hot };
}

/** The parts of the derivative of log p(class): the class's mark, the other probabilities in place, and their sum. */
function aroundClass(b: GraphBuilder, logits: string, classes: string) {
  const hot = oneHot(b, logits, classes);
  const cold = b.op('Sub', [b.scalar(1), hot]);
  const others = b.op('Mul', [b.op('Softmax', [logits], { axis: 1 }), cold]);
  const rest = b.op('ReduceSum', [others, b.ints([1])], { keepdims: 1 });
  return { hot, others, own: b.op('Mul', [hot, rest]) };
}

/**
 * log p(class), p = softmax(logits): of the target class what a targeted attack raises. The derivative for the class
 * itself, 1 - p, is the sum of the other probabilities, so it stays exact where the network is certain and 1 - p would
 * cancel.
 *
 * @param logits `N x classes`
 * @param classes `N`, int64
 * @throws OnnxError where the number of classes is not known
 */
export function logProbabilityObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const { hot, others, own } = aroundClass(b, logits, classes);
  const value = pick(b, b.op('LogSoftmax', [logits], { axis: 1 }), hot);
  return { value, cotangent: b.op('Sub', [own, others]) };
}

/**
 * Cross-entropy, -log p(class): what an attack raises for the class that an image has. As exact as
 * {@link logProbabilityObjective}, whose opposite it is.
 *
 * @param logits `N x classes`
 * @param classes `N`, int64
 * @throws OnnxError where the number of classes is not known
 */
export function crossEntropyObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const { hot, others, own } = aroundClass(b, logits, classes);
  const value = b.op('Neg', [pick(b, b.op('LogSoftmax', [logits], { axis: 1 }), hot)]);
  return { value, cotangent: b.op('Sub', [others, own]) };
}

/**
 * p(class): its derivative is p times that of log p.
 *
 * @param logits `N x classes`
 * @param classes `N`, int64
 * @throws OnnxError where the number of classes is not known
 */
export function probabilityObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  const log = logProbabilityObjective(b, logits, classes);
  const value = b.op('Exp', [log.value]);
  return { value, cotangent: b.op('Mul', [log.cotangent, b.op('Unsqueeze', [value, b.ints([1])])]) };
}
