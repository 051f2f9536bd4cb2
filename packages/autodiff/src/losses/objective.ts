/** @file Objectives: a number for each sample, with its derivative with respect to the logits. */

import type { GraphBuilder } from '../builder/builder.ts';

/** The names of the values that an objective function added to a graph. */
export interface Objective {
  /** `float32`, `N`: the objective of each sample. */
  readonly value: string;
  /**
   * `float32`, `N x classes`: its derivative with respect to the sample's logits; the cotangent for {@link
   * differentiate}.
   */
  readonly cotangent: string;
}

/**
 * Adds a value of ones in the shape of another: the cotangent with which {@link differentiate} gives the gradient of
 * that value's sum. Use it for a loss of your own.
 *
 * @returns the name of the ones, `float32`
 */
export function onesLike(b: GraphBuilder, value: string): string {
  return b.op('Expand', [b.scalar(1), b.op('Shape', [value])]);
}
