/** @file The score that attacks follow which see probabilities. */

import type { Goal } from './goal.ts';

/**
 * How likely the goal is, growing towards it: log p(target), or -log p(label) without a target. The logarithm keeps the
 * order of the probabilities and still tells them apart where float32 rounds them to 0 or 1.
 */
export function goalLikelihood({ label, target }: Goal, logits: Float32Array): number {
  const loss = surprise(target ?? label, logits);
  return target === undefined ? loss : -loss;
}

/** -log p(class) = log(1 + sum of e^(Z_i - Z_class) over the others). */
function surprise(own: number, logits: Float32Array): number {
  let top = 0;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]! - logits[own]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) if (i !== own) sum += Math.exp(logits[i]! - logits[own]! - top);
  return top === 0 ? Math.log1p(sum) : top + Math.log(Math.exp(-top) + sum);
}
