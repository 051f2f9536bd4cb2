import type { GraphBuilder } from '@pareidolia/autodiff';

/** `ln sum_k exp(f_k)`, without overflow, in double precision. */
export function logSumExp(logits: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let k = 0; k < logits.length; k++) largest = Math.max(largest, logits[k]!);
  let sum = 0;
  for (let k = 0; k < logits.length; k++) sum += Math.exp(logits[k]! - largest);
  return largest + Math.log(sum);
}

/** The softmax, in double precision. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const all = logSumExp(logits);
  return Float64Array.from(logits, (logit) => Math.exp(logit - all));
}

/** Adds `ln sum_k exp(f_k)` of logits `N x classes`: `N`. */
export function logSumExpNodes(b: GraphBuilder, logits: string): string {
  const largest = b.op('ReduceMax', [logits, b.ints([1])], { keepdims: 1 });
  const powers = b.op('Exp', [b.op('Sub', [logits, largest])]);
  const sum = b.op('Log', [b.op('ReduceSum', [powers, b.ints([1])], { keepdims: 1 })]);
  return b.op('Squeeze', [b.op('Add', [largest, sum]), b.ints([1])]);
}
