/** @file Losses of a training step, as sums of terms on groups of the batch's rows. */

import type { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import type { Objective } from './objective.ts';
import { classCount, largest, oneHot, pick } from './rows.ts';

/** The names of the values that a term's objective added to a graph. */
export interface JointObjective {
  /** `float32`, `N`: the objective of each row, or of each row with its fellows in the other groups. */
  readonly value: string;
  /** For each group, `float32`, `N x classes`: the derivative with respect to the logits of its rows. */
  readonly cotangents: readonly string[];
}

/** A term of a loss: a weight times the mean over rows of an objective. */
export interface LossTerm {
  /** At least 0. */
  readonly weight: number;
  /** Which rows of the batch it is about. Several groups have equally many rows, and row i of one belongs to row i of the others. */
  readonly groups: readonly string[];
  /**
   * Adds the objective to the graph.
   *
   * @param logits of each group, `float32`, `N x classes`
   * @param labels `int64`, the true classes of the rows of the first group of the batch
   */
  objective(b: GraphBuilder, logits: readonly string[], labels: string): JointObjective;
}

/** A loss: the batch consists of groups of rows, one behind the other, and the loss is the sum of the terms. */
export interface TrainingLoss {
  /** Names of the groups, in the order of their rows. The rows of the first one have labels. */
  readonly groups: readonly string[];
  readonly terms: readonly LossTerm[];
}

/**
 * Cross-entropy with smoothed labels (Szegedy et al. 2016, arXiv:1512.00567, section 7), as PyTorch's: the target is
 * `1 - smoothing` for the true class, and `smoothing` is spread evenly over all classes, the true one included.
 *
 * @param logits `float32`, `N x classes`
 * @param labels `int64`, `N`
 * @param smoothing in [0, 1); 1 would be {@link uniformCrossEntropy}
 */
export function smoothedCrossEntropy(b: GraphBuilder, logits: string, labels: string, smoothing: number): Objective {
  const share = smoothing / classCount(b, logits);
  const hot = b.op('Mul', [oneHot(b, logits, labels), b.scalar(1 - smoothing)]);
  return againstTarget(b, logits, b.op('Add', [hot, b.scalar(share)]));
}

/**
 * Cross-entropy against the uniform distribution, the mean over the classes of -log p (Hendrycks, Mazeika and Dietterich 2019,
 * arXiv:1812.04606): least, log(classes), where the network is as uncertain as it can be.
 *
 * @param logits `float32`, `N x classes`
 */
export function uniformCrossEntropy(b: GraphBuilder, logits: string): Objective {
  const log = b.op('LogSoftmax', [logits], { axis: 1 });
  const value = b.op('Neg', [b.op('ReduceMean', [log, b.ints([1])], { keepdims: 0 })]);
  const cotangent = b.op('Sub', [b.op('Softmax', [logits], { axis: 1 }), b.scalar(1 / classCount(b, logits))]);
  return { value, cotangent };
}

/**
 * The logarithm of the largest probability, max log p (Hein, Andriushchenko and Bitterwolf 2019, arXiv:1812.05720, equation 4):
 * least, -log(classes), where the network is as uncertain as it can be. At a tie the derivative is that of the first class.
 *
 * @param logits `float32`, `N x classes`
 */
export function maxLogProbability(b: GraphBuilder, logits: string): Objective {
  const hot = largest(b, logits, logits);
  const value = pick(b, b.op('LogSoftmax', [logits], { axis: 1 }), hot);
  return { value, cotangent: b.op('Sub', [hot, b.op('Softmax', [logits], { axis: 1 })]) };
}

/**
 * The Kullback-Leibler divergence KL(p || q) of softmaxes, sum of p (log p - log q), at least 0 (the second term of TRADES, Zhang
 * et al. 2019, arXiv:1901.08573).
 *
 * @param logits of p, `float32`, `N x classes`
 * @param others logits of q, likewise
 * @returns cotangents for the logits of p, and for those of q
 */
export function divergence(b: GraphBuilder, logits: string, others: string): JointObjective {
  const [logP, logQ] = [logits, others].map((value) => b.op('LogSoftmax', [value], { axis: 1 })) as [string, string];
  const p = b.op('Softmax', [logits], { axis: 1 });
  const ratio = b.op('Sub', [logP, logQ]);
  const kept = b.op('ReduceSum', [b.op('Mul', [p, ratio]), b.ints([1])], { keepdims: 1 });
  const value = b.op('Squeeze', [kept, b.ints([1])]);
  const ofP = b.op('Mul', [p, b.op('Sub', [ratio, kept])]);
  return { value, cotangents: [ofP, b.op('Sub', [b.op('Softmax', [others], { axis: 1 }), p])] };
}

/**
 * Adds a loss to a graph.
 *
 * @param logits of the whole batch, `float32`, `N x classes`
 * @param labels `int64`, for the rows of the first group
 * @param rows `int64`, as many as there are groups: the rows of each
 * @returns names of the loss, a scalar; of its derivative with respect to the logits, `N x classes`; and of the logits of the
 *   first group
 * @throws OnnxError if a term is about a group that there is not
 */
export function addLoss(
  b: GraphBuilder,
  { groups, terms }: TrainingLoss,
  logits: string,
  labels: string,
  rows: string,
): { readonly value: string; readonly cotangent: string; readonly first: string } {
  const classes = classCount(b, logits);
  const parts = groups.length === 1 ? [logits] : b.ops('Split', [logits, rows], groups.length, { axis: 0 });
  const counts = groups.map((_, index) =>
    b.op('Cast', [b.op('Gather', [rows, b.ints([index])], { axis: 0 })], { to: FLOAT }),
  );
  if (groups.length > 1) {
    for (const [index, part] of parts.entries()) {
      b.describe(part, { type: 'float32', shape: [`rows_${groups[index]}`, classes] });
    }
  }
  const values: string[] = [];
  const arriving = groups.map((): string[] => []);
  for (const { weight, groups: own, objective } of terms) {
    const places = own.map((group) => groups.indexOf(group));
    if (places.includes(-1))
      throw new OnnxError(`The loss has a term on ${own.join(', ')}; there are ${groups.join(', ')}`);
    const { value, cotangents } = objective(
      b,
      places.map((place) => parts[place]!),
      labels,
    );
    const mean = b.op('ReduceMean', [value, b.ints([0])], { keepdims: 0 });
    values.push(b.op('Mul', [mean, b.scalar(weight)]));
    places.forEach((place, index) => {
      const share = b.op('Div', [b.scalar(weight), counts[place]!]);
      arriving[place]!.push(b.op('Mul', [cotangents[index]!, share]));
    });
  }
  const sum = (names: readonly string[]): string => (names.length === 1 ? names[0]! : b.op('Sum', names));
  const cotangents = arriving.map((names, place) =>
    names.length > 0 ? sum(names) : b.op('Mul', [parts[place]!, b.scalar(0)]),
  );
  const cotangent = cotangents.length === 1 ? cotangents[0]! : b.op('Concat', cotangents, { axis: 0 });
  return { value: sum(values), cotangent, first: parts[0]! };
}

/** The cross-entropy against a target distribution, `N x classes`. */
function againstTarget(b: GraphBuilder, logits: string, target: string): Objective {
  const log = b.op('LogSoftmax', [logits], { axis: 1 });
  const value = b.op('Neg', [b.op('ReduceSum', [b.op('Mul', [target, log]), b.ints([1])], { keepdims: 0 })]);
  return { value, cotangent: b.op('Sub', [b.op('Softmax', [logits], { axis: 1 }), target]) };
}

/** ONNX's number for float32. */
const FLOAT = 1;
