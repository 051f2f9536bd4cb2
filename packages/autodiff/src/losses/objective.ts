/** @file What is differentiated: a number for each sample, with its derivative by the logits. */

import type { GraphBuilder } from '../builder/builder.ts';

/** An objective for each sample, and its derivative with respect to the logits. */
export interface Objective {
  /** `N`: the objective of each sample. */
  readonly value: string;
  /** `N x classes`: its derivative with respect to that sample's logits. */
  readonly cotangent: string;
}

/**
 * 1 for each element of a value: the cotangent to `differentiate` a value with that is an objective itself, a number for
 * each sample, or one alone.
 */
export function onesLike(b: GraphBuilder, value: string): string {
  return b.op('Expand', [b.scalar(1), b.op('Shape', [value])]);
}
