/** @file Functions of the logits whose gradient a classifier gives. */

import {
  BATCH,
  dlrObjective,
  type GraphBuilder,
  type Objective as GraphObjective,
  logProbabilityObjective,
  marginObjective,
  targetedDlrObjective,
} from '@pareidolia/autodiff';
import type { Tensors } from '../runtime/runtime.ts';
import { NAMES } from './names.ts';

/** An objective for a batch of N images. */
export type Objective =
  /**
   * `log-probability`: log p(class). `margin`: max_{i != class} Z_i - Z_class. `dlr`: the difference of logits ratio (Croce
   * and Hein 2020, arXiv 2003.01690, equation 6), which needs three classes. `classIndices` are N.
   */
  | { readonly kind: 'log-probability' | 'margin' | 'dlr'; readonly classIndices: Int32Array }
  /** The targeted difference of logits ratio (equation 7 there), which needs four classes. */
  | { readonly kind: 'targeted-dlr'; readonly classIndices: Int32Array; readonly targets: Int32Array }
  /** sum_i weight_i Z_i; `weights` are `N x classes`. */
  | { readonly kind: 'linear'; readonly weights: Float32Array };

/** Which function of the logits an {@link Objective} is. */
export type ObjectiveKind = Objective['kind'];

/** Logits of a batch. */
export interface Logits {
  readonly count: number;
  readonly numClasses: number;
  /** `count x classes`, row-major. */
  readonly data: Float32Array;
}

/** An objective of a batch with its gradient. */
export interface Gradients {
  /** `N x classes`. */
  readonly logits: Float32Array;
  /** `N`. */
  readonly value: Float32Array;
  /** `N x C x H x W`, with respect to pixels in [0, 1]. */
  readonly gradient: Float32Array;
}

/** Adds the inputs that say what an objective is about. */
export function objectiveInputs(b: GraphBuilder, kind: ObjectiveKind, classes: number): readonly string[] {
  if (kind === 'linear') return [b.input(NAMES.weights, 'float32', [BATCH, classes])];
  const own = b.input(NAMES.classes, 'int64', [BATCH]);
  return kind === 'targeted-dlr' ? [own, b.input(NAMES.targets, 'int64', [BATCH])] : [own];
}

/** Adds value and derivative of an objective. */
export function objectiveOf(
  b: GraphBuilder,
  kind: ObjectiveKind,
  logits: string,
  [about = '', target = '']: readonly string[],
): GraphObjective {
  switch (kind) {
    case 'log-probability':
      return logProbabilityObjective(b, logits, about);
    case 'margin':
      return marginObjective(b, logits, about);
    case 'dlr':
      return dlrObjective(b, logits, about);
    case 'targeted-dlr':
      return targetedDlrObjective(b, logits, about, target);
    case 'linear': {
      const value = b.op('ReduceSum', [b.op('Mul', [logits, about]), b.ints([1])], { keepdims: 0 });
      return { value, cotangent: about };
    }
  }
}

/** The objectives of the images `from .. to` (exclusive), as views on the same memory. */
export function sliceObjective(objective: Objective, from: number, to: number, numClasses: number): Objective {
  switch (objective.kind) {
    case 'linear':
      return { kind: 'linear', weights: objective.weights.subarray(from * numClasses, to * numClasses) };
    case 'targeted-dlr': {
      const [classIndices, targets] = [objective.classIndices.subarray(from, to), objective.targets.subarray(from, to)];
      return { kind: 'targeted-dlr', classIndices, targets };
    }
    default:
      return { kind: objective.kind, classIndices: objective.classIndices.subarray(from, to) };
  }
}

/** The tensors for the inputs of {@link objectiveInputs}. */
export function objectiveFeeds(objective: Objective, count: number, classes: number): Tensors {
  if (objective.kind === 'linear') {
    return { [NAMES.weights]: { type: 'float32', data: objective.weights, dims: [count, classes] } };
  }
  const numbers = (values: Int32Array) =>
    ({ type: 'int64', data: BigInt64Array.from(values, BigInt), dims: [count] }) as const;
  return {
    [NAMES.classes]: numbers(objective.classIndices),
    ...(objective.kind === 'targeted-dlr' ? { [NAMES.targets]: numbers(objective.targets) } : {}),
  };
}
