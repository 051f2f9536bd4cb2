/** @file A classifier and its detector as one classifier, which has one class more: what is refused. */

import type { GraphBuilder } from '@pareidolia/autodiff';

/** The most that is left of the network's own probabilities where the detector refuses. */
const LEFT = 0.5;

/** The logarithm of the added class's probability where the detector accepts: nothing, in single precision. */
const NOTHING = -120;

/** Where a detector accepts, and how fast probabilities fall below that. */
export interface Acceptance {
  /** Scores from here on are accepted. */
  readonly threshold: number;
  /** How far below the threshold e times less is left of the network's probabilities; positive. */
  readonly scale: number;
}

/**
 * Adds the answers of network and detector together, as logarithms of probabilities that sum to 1. Where the score s is at least
 * the threshold t, the classes have the network's probabilities p_k, and the added class has none. Below it they have
 * a p_k with a = e^((s - t) / scale) / 2, and the added class has the rest, 1 - a, at least one half: so it is the decision.
 *
 * What is said of accepted images is what the network says. Of refused ones only that they are refused is told by the
 * detector; how much is left to the classes is chosen so that an attack or a search that climbs a class climbs the score, too.
 * That makes it adaptive, as Carlini and Wagner 2017 (arXiv 1705.07263) ask of whoever measures a detector.
 *
 * @param logits of a softmax, `N x classes`
 * @param score `N`
 * @returns `N x (classes + 1)`, float32
 */
export function guardedAnswers(
  b: GraphBuilder,
  logits: string,
  score: string,
  { threshold, scale }: Acceptance,
): string {
  const log = b.op('LogSoftmax', [logits], { axis: 1 });
  const isAccepted = b.op('GreaterOrEqual', [score, b.scalar(threshold)]);
  const above = b.op('Mul', [b.op('Sub', [score, b.scalar(threshold)]), b.scalar(1 / scale)]);
  const refused = b.op('Add', [above, b.scalar(Math.log(LEFT))]);
  const logLeft = b.op('Where', [isAccepted, b.scalar(0), refused]);
  // At most one half, so that the logarithm of the rest is finite also where it is not taken.
  const left = b.op('Min', [b.op('Exp', [logLeft]), b.scalar(LEFT)]);
  const rest = b.op('Log', [b.op('Sub', [b.scalar(1), left])]);
  const column = (values: string): string => b.op('Unsqueeze', [values, b.ints([1])]);
  const classes = b.op('Add', [log, column(logLeft)]);
  return b.op('Concat', [classes, column(b.op('Where', [isAccepted, b.scalar(NOTHING), rest]))], { axis: 1 });
}
