/** @file Functions of the logits whose gradient a classifier gives. */

import {
  BATCH,
  dlrObjective,
  type GraphBuilder,
  type Objective as GraphObjective,
  logProbabilityObjective,
  logSigmoidObjective,
  marginObjective,
  targetedDlrObjective,
} from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { Tensors } from '../runtime/runtime.ts';
import { NAMES } from './names.ts';

/** An objective for a batch of N images. */
export type Objective = LogitObjective & {
  /**
   * Of a classifier whose last class is what its detector refuses: for each of the N images the class that being refused counts
   * as. The objective is then one of the other classes' logits alone, of which that class's is raised where the image is refused (see
   * `refusedAs`); `weights` are `N x (classes - 1)`.
   */
  readonly refusedAs?: Int32Array;
};

/** A function of the logits. */
type LogitObjective =
  /**
   * `log-probability`: log p(class), with p = softmax(Z). `log-confidence`: the logarithm of what `predict` says of the class: the
   * same, but for sigmoids of several labels log sigmoid(Z_class). `margin`: max_{i != class} Z_i - Z_class. `dlr`: the difference of logits ratio (Croce
   * and Hein 2020, arXiv 2003.01690, equation 6), which needs three classes. `classIndices` are N.
   */
  | { readonly kind: 'log-probability' | 'log-confidence' | 'margin' | 'dlr'; readonly classIndices: Int32Array }
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

/** The fewest classes that an objective is defined for. */
const FEWEST: Readonly<Record<ObjectiveKind, number>> = {
  'log-probability': 1,
  'log-confidence': 1,
  margin: 2,
  dlr: 3,
  'targeted-dlr': 4,
  linear: 1,
};

/**
 * Whether an objective fits its images.
 *
 * @param count images
 * @param where the classifier's name
 * @throws InputError where there is not one class, or one row of weights, for each image; a class is not one of the
 * classifier's; a weight is not finite; or the classifier has too few classes
 */
export function checkObjective(objective: Objective, count: number, numClasses: number, where: string): void {
  const { kind, refusedAs } = objective;
  const fail = (what: string): never => {
    throw new InputError(`${where}: the objective ${kind} ${what}`);
  };
  const own = objectiveClasses(objective, numClasses);
  if (own < FEWEST[kind]) fail(`needs ${FEWEST[kind]} classes, there are ${own}; choose another one`);
  if (objective.kind === 'linear') checkWeights(objective.weights, count, own, fail);
  const lists = {
    ...(objective.kind === 'linear' ? {} : { classes: objective.classIndices }),
    ...(objective.kind === 'targeted-dlr' ? { targets: objective.targets } : {}),
    ...(refusedAs === undefined ? {} : { 'classes for what is refused': refusedAs }),
  };
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== count) fail(`has ${list.length} ${name} for ${count} images; give one for each`);
    const bad = list.findIndex((index) => !(Number.isInteger(index) && index >= 0 && index < own));
    if (bad >= 0) fail(`is about class ${list[bad]} for image ${bad}; classes are whole numbers from 0 to ${own - 1}`);
  }
}

function checkWeights(weights: Float32Array, count: number, classes: number, fail: (what: string) => never): void {
  if (weights.length !== count * classes) {
    fail(`has ${weights.length} weights for ${count} images of ${classes} classes; give ${count * classes}`);
  }
  const bad = weights.findIndex((weight) => !Number.isFinite(weight));
  if (bad < 0) return;
  const [image, classIndex] = [Math.floor(bad / classes), bad % classes];
  fail(`has the weight ${weights[bad]} for class ${classIndex} of image ${image}; give finite numbers`);
}

/** The classes that an objective is about: all, or all but the one that stands for what is refused. */
function objectiveClasses({ refusedAs }: Objective, numClasses: number): number {
  return refusedAs === undefined ? numClasses : numClasses - 1;
}

/**
 * The images whose gradient or value is not finite, in order: NaN or infinite numbers inside the network. Nothing can follow
 * such a gradient; those of the other images are sound.
 */
export function unsoundImages({ value, gradient }: Pick<Gradients, 'value' | 'gradient'>): readonly number[] {
  const size = gradient.length / value.length;
  return Array.from(value.keys()).filter(
    (image) => !Number.isFinite(value[image]) || !isFinite32(gradient.subarray(image * size, (image + 1) * size)),
  );
}

/** Whether all numbers are finite: sums of float32 cannot leave float64. Four at a time, which do not wait for each other. */
export function isFinite32(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
  }
  for (let i = whole; i < values.length; i++) a += values[i]!;
  return Number.isFinite(a + b + c + d);
}

/**
 * Adds the inputs that say what an objective is about.
 *
 * @param classes that it is about
 */
export function objectiveInputs(b: GraphBuilder, kind: ObjectiveKind, classes: number): readonly string[] {
  if (kind === 'linear') return [b.input(NAMES.weights, 'float32', [BATCH, classes])];
  const own = b.input(NAMES.classes, 'int64', [BATCH]);
  return kind === 'targeted-dlr' ? [own, b.input(NAMES.targets, 'int64', [BATCH])] : [own];
}

/**
 * Adds value and derivative of an objective.
 *
 * @param isSigmoids whether confidences are sigmoids of the logits, each by itself
 */
export function objectiveOf(
  b: GraphBuilder,
  kind: ObjectiveKind,
  logits: string,
  [about = '', target = '']: readonly string[],
  isSigmoids: boolean,
): GraphObjective {
  switch (kind) {
    case 'log-confidence':
      return isSigmoids ? logSigmoidObjective(b, logits, about) : logProbabilityObjective(b, logits, about);
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
  const { refusedAs } = objective;
  const refused = refusedAs === undefined ? {} : { refusedAs: refusedAs.subarray(from, to) };
  switch (objective.kind) {
    case 'linear': {
      const classes = objectiveClasses(objective, numClasses);
      return { ...refused, kind: 'linear', weights: objective.weights.subarray(from * classes, to * classes) };
    }
    case 'targeted-dlr': {
      const [classIndices, targets] = [objective.classIndices.subarray(from, to), objective.targets.subarray(from, to)];
      return { ...refused, kind: 'targeted-dlr', classIndices, targets };
    }
    default:
      return { ...refused, kind: objective.kind, classIndices: objective.classIndices.subarray(from, to) };
  }
}

/** The tensors for the inputs of {@link objectiveInputs}, and of what is refused where that counts as a class. */
export function objectiveFeeds(objective: Objective, count: number, numClasses: number): Tensors {
  const numbers = (values: Int32Array) =>
    ({ type: 'int64', data: BigInt64Array.from(values, BigInt), dims: [count] }) as const;
  const { refusedAs } = objective;
  const refused = refusedAs === undefined ? {} : { [NAMES.refusedAs]: numbers(refusedAs) };
  if (objective.kind === 'linear') {
    const dims = [count, objectiveClasses(objective, numClasses)];
    return { ...refused, [NAMES.weights]: { type: 'float32', data: objective.weights, dims } };
  }
  return {
    ...refused,
    [NAMES.classes]: numbers(objective.classIndices),
    ...(objective.kind === 'targeted-dlr' ? { [NAMES.targets]: numbers(objective.targets) } : {}),
  };
}
