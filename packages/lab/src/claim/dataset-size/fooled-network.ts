import type { Evolved } from '@pareidolia/core';

/** What the evaluations of a search that never gets there count as: more than any. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** One network with the searches on it. */
export interface FooledNetwork {
  readonly classes: number;
  readonly labels: readonly string[];
  /** Training examples of each class. */
  readonly each: number;
  readonly accuracy: number;
  /** Evaluations until the median class is fooled, median over the searches; {@link NEVER} where it is not. */
  readonly needed: Readonly<Record<'direct' | 'cppn', number>>;
  readonly runs: Readonly<Record<'direct' | 'cppn', readonly Evolved[]>>;
}
