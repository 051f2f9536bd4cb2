/** @file A training step as one graph: forward, loss, gradients and optimizer; parameters and state go in and come out. */

import { followBatch, inTrainingMode, runningStatistics } from './batch-statistics.ts';
import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { OnnxError } from './errors.ts';
import { findLogits } from './losses/logits.ts';
import { logProbabilityObjective } from './losses/probability.ts';
import type { Dim, Model } from './model/model.ts';
import { upgrade } from './upgrades/upgrade.ts';

/** Stochastic gradient descent: v <- momentum v + g + weightDecay w; w <- w - learningRate v (as PyTorch). */
export interface Sgd {
  readonly kind: 'sgd';
  readonly momentum: number;
  readonly weightDecay: number;
}

/** Adam (Kingma and Ba 2015, algorithm 1), bias corrected; weight decay is added to the gradient. */
export interface Adam {
  readonly kind: 'adam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export type Optimizer = Sgd | Adam;

/** A tensor that goes from step to step. */
export interface Slot {
  /** Name of the input. */
  readonly name: string;
  /** Name of the output that holds its next value. */
  readonly next: string;
  readonly dims: readonly number[];
}

/** The graph of a training step, with the names of what goes in and out. */
export interface TrainingStep {
  readonly model: Model;
  /** `N x ...`: the network's own input. */
  readonly images: string;
  /** `N`, int64. */
  readonly labels: string;
  /** Scalar. */
  readonly learningRate: string;
  /** Scalar, counted from 1; Adam only. */
  readonly step: string | undefined;
  /** The weights, named as in the network. */
  readonly parameters: readonly Slot[];
  /** The optimizer's memory; starts at zero. */
  readonly states: readonly Slot[];
  /**
   * The running means and variances of batch normalization, named as in the network, where it is in training mode: no
   * optimizer touches them, they follow the batches. They start as the network has them.
   */
  readonly statistics: readonly Slot[];
  /** Scalar: mean cross-entropy over the batch, before the step. */
  readonly loss: string;
  /** Scalar: how many of the batch were classified as labelled, before the step. */
  readonly correct: string;
}

export interface TrainingOptions {
  readonly optimizer: Optimizer;
  /** The constants to train; all float32 constants with an axis, but for running statistics, when absent. */
  readonly trainable?: readonly string[];
  /**
   * In `training` (the default) a batch is normalized by its own mean and variance, and running statistics follow them:
   * `momentum` of the old and the rest of the batch's, whose variance is unbiased as in PyTorch. At `inference` the
   * running statistics are used and stay as they are. It matters only to networks that hold BatchNormalization: exports
   * that folded it into convolutions have nothing left to be put into training mode.
   */
  readonly batchNormalization?: 'training' | 'inference';
}

/**
 * Builds the training step of a classifier with one input and softmax cross-entropy on its logits. Dropout passes its
 * input on, as at inference: the graph of a step draws no random numbers.
 *
 * @throws OnnxError where the network has several inputs or a trainable name is unknown
 * @throws NoGradientError where an operator has no gradient
 */
export function trainingStep(network: Model, options: TrainingOptions): TrainingStep {
  const model = upgrade(network);
  const { inputs, outputs, initializers, nodes } = model.graph;
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    throw new OnnxError(`The network has ${inputs.length} inputs; a network to train has one`);
  }
  const running = runningStatistics(model.graph);
  const trainable =
    options.trainable ??
    [...initializers].flatMap(([name, { type, dims }]) =>
      type === 'float32' && dims.length > 0 && !running.includes(name) ? [name] : [],
    );
  const { nodes: forward, layers } =
    options.batchNormalization === 'inference' ? { nodes, layers: [] } : inTrainingMode(model.graph);
  const following = layers.length > 0 ? running : [];

  const b = new GraphBuilder('training-step', model.opset);
  b.input(input.name, input.type, input.shape ?? []);
  const batch: Dim = input.shape?.[0] ?? 'N';
  const labels = b.input('labels', 'int64', [batch]);
  const learningRate = b.input('learning_rate', 'float32', []);
  const step = options.optimizer.kind === 'adam' ? b.input('step', 'float32', []) : undefined;
  for (const name of trainable) {
    const value = initializers.get(name);
    if (value === undefined) throw new OnnxError(`The network has no constant ${name} to train`);
    b.input(name, 'float32', value.dims);
  }
  for (const name of following) {
    if (trainable.includes(name)) throw new OnnxError(`${name} follows the batches; it cannot be trained besides`);
    b.input(name, 'float32', initializers.get(name)!.dims);
  }
  const given = new Set([...trainable, ...following]);
  const constants = new Map([...initializers].filter(([name]) => !given.has(name)));
  b.append({ ...model, graph: { ...model.graph, nodes: forward, initializers: constants } });

  const { logits } = findLogits(model, outputs[0]!.name);
  const objective = logProbabilityObjective(b, logits, labels);
  const loss = b.op('Neg', [b.op('ReduceMean', [objective.value, b.ints([0])], { keepdims: 0 })], {}, 'loss');
  const hits = b.op('Cast', [b.op('Equal', [b.op('ArgMax', [logits], { axis: 1, keepdims: 0 }), labels])], { to: 1 });
  const correct = b.op('ReduceSum', [hits, b.ints([0])], { keepdims: 0 }, 'correct');

  // The mean of -log p over the batch: each sample weighs one over the batch size.
  const count = b.op('Cast', [b.op('Size', [labels])], { to: 1 });
  const cotangent = b.op('Neg', [b.op('Div', [objective.cotangent, count])]);
  const gradients = differentiate(b, logits, cotangent, trainable);

  const states: Slot[] = [];
  const state = (name: string, dims: readonly number[]): string => {
    states.push({ name, next: `${name}.next`, dims });
    return b.input(name, 'float32', dims);
  };
  const parameters = trainable.map((name, index): Slot => {
    const dims = initializers.get(name)!.dims;
    const update = optimizerStep(b, options.optimizer, name, gradients[index]!, step, (suffix) =>
      state(`${name}.${suffix}`, dims),
    );
    b.op('Sub', [name, b.op('Mul', [learningRate, update])], {}, `${name}.next`);
    return { name, next: `${name}.next`, dims };
  });
  followBatch(b, layers);
  const statistics = following.map(
    (name): Slot => ({ name, next: `${name}.next`, dims: initializers.get(name)!.dims }),
  );
  for (const { next } of [...parameters, ...states, ...statistics]) b.output(next);
  b.output(loss);
  b.output(correct);
  const slots = { parameters, states, statistics };
  return { model: b.build(), images: input.name, labels, learningRate, step, ...slots, loss, correct };
}

/** What is subtracted from a parameter, before the learning rate; the next state is written under `.next` names. */
function optimizerStep(
  b: GraphBuilder,
  optimizer: Optimizer,
  parameter: string,
  gradient: string,
  step: string | undefined,
  state: (suffix: string) => string,
): string {
  const times = (value: string, factor: number): string => b.op('Mul', [value, b.scalar(factor)]);
  const decayed =
    optimizer.weightDecay === 0 ? gradient : b.op('Add', [gradient, times(parameter, optimizer.weightDecay)]);
  if (optimizer.kind === 'sgd') {
    if (optimizer.momentum === 0) return decayed;
    const velocity = state('velocity');
    return b.op('Add', [times(velocity, optimizer.momentum), decayed], {}, `${velocity}.next`);
  }
  const { beta1, beta2, epsilon } = optimizer;
  const mean = state('mean');
  const square = state('square');
  const nextMean = b.op('Add', [times(mean, beta1), times(decayed, 1 - beta1)], {}, `${mean}.next`);
  const squared = times(b.op('Mul', [decayed, decayed]), 1 - beta2);
  const nextSquare = b.op('Add', [times(square, beta2), squared], {}, `${square}.next`);
  const correction = (beta: number): string => b.op('Sub', [b.scalar(1), b.op('Pow', [b.scalar(beta), step!])]);
  const unbiased = b.op('Div', [nextMean, correction(beta1)]);
  const scale = b.op('Add', [b.op('Sqrt', [b.op('Div', [nextSquare, correction(beta2)])]), b.scalar(epsilon)]);
  return b.op('Div', [unbiased, scale]);
}
