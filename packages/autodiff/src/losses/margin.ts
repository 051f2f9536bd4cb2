/**
 * @file Objectives on differences of logits. An attack maximizes them; they are above zero once it has succeeded. Where
 * logits are equal, the first one counts as the larger.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Objective } from './objective.ts';
import { classCount, largest, oneHot, pick, ranked, without } from './rows.ts';

/** Added to the denominator of the difference of logits ratio, as in the authors' program (AutoAttack). */
const SMALL = 1e-12;

/**
 * The margin, max_{i != class} Z_i - Z_class: above zero where the sample is classified as another class. It is f6 of
 * Carlini and Wagner 2017 (arXiv:1608.04644), section V, without the bound; there a target takes the place of the
 * class, and it is minimized.
 *
 * @param logits `float32`, `N x classes`, at least 2 classes
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function marginObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  classCount(b, logits, 2);
  const hot = oneHot(b, logits, classes);
  const others = without(b, logits, hot);
  const most = b.op('ReduceMax', [others, b.ints([1])], { keepdims: 0 });
  return {
    value: b.op('Sub', [most, pick(b, logits, hot)]),
    cotangent: b.op('Sub', [largest(b, logits, others), hot]),
  };
}

/**
 * The margin of a target, Z_target - max_{i != target} Z_i: above zero where the sample is classified as the target.
 *
 * @param logits `float32`, `N x classes`, at least 2 classes
 * @param targets `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function targetedMarginObjective(b: GraphBuilder, logits: string, targets: string): Objective {
  const { value, cotangent } = marginObjective(b, logits, targets);
  return { value: b.op('Neg', [value]), cotangent: b.op('Neg', [cotangent]) };
}

/**
 * The difference of logits ratio, -(Z_class - max_{i != class} Z_i) / (Z_1st - Z_3rd + 1e-12): a margin that does not
 * change when all logits are shifted, or scaled by a positive factor. Croce and Hein 2020 (arXiv:2003.01690), equation
 * 6.
 *
 * @param logits `float32`, `N x classes`, at least 3 classes
 * @param classes `int64`, `N`, each in [0, classes)
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function dlrObjective(b: GraphBuilder, logits: string, classes: string): Objective {
  classCount(b, logits, 3);
  const [first = '', , third = ''] = ranked(b, logits, 3);
  const spread: Objective = {
    value: b.op('Sub', [pick(b, logits, first), pick(b, logits, third)]),
    cotangent: b.op('Sub', [first, third]),
  };
  return ratio(b, marginObjective(b, logits, classes), spread);
}

/**
 * The targeted difference of logits ratio, -(Z_class - Z_target) / (Z_1st - (Z_3rd + Z_4th) / 2 + 1e-12). Croce and
 * Hein 2020 (arXiv:2003.01690), equation 7. Above zero where the target's logit exceeds that of the class, though a
 * third class may exceed both.
 *
 * @param logits `float32`, `N x classes`, at least 4 classes
 * @param classes `int64`, `N`, each in [0, classes): the true classes
 * @param targets `int64`, `N`, each in [0, classes): the classes to be predicted instead
 * @throws {@link OnnxError} if `logits` does not have that shape with a known number of classes
 */
export function targetedDlrObjective(b: GraphBuilder, logits: string, classes: string, targets: string): Objective {
  classCount(b, logits, 4);
  const [own, other] = [oneHot(b, logits, classes), oneHot(b, logits, targets)];
  const [first = '', , third = '', fourth = ''] = ranked(b, logits, 4);
  const half = (value: string): string => b.op('Mul', [value, b.scalar(0.5)]);
  const lower = half(b.op('Add', [pick(b, logits, third), pick(b, logits, fourth)]));
  return ratio(
    b,
    {
      value: b.op('Sub', [pick(b, logits, other), pick(b, logits, own)]),
      cotangent: b.op('Sub', [other, own]),
    },
    {
      value: b.op('Sub', [pick(b, logits, first), lower]),
      cotangent: b.op('Sub', [first, half(b.op('Add', [third, fourth]))]),
    },
  );
}

/** a / (b + 1e-12), and its derivative (a' - a / b b') / b. */
function ratio(b: GraphBuilder, above: Objective, below: Objective): Objective {
  const spread = b.op('Add', [below.value, b.scalar(SMALL)]);
  const value = b.op('Div', [above.value, spread]);
  const column = (row: string): string => b.op('Unsqueeze', [row, b.ints([1])]);
  const away = b.op('Mul', [column(value), below.cotangent]);
  return { value, cotangent: b.op('Div', [b.op('Sub', [above.cotangent, away]), column(spread)]) };
}
