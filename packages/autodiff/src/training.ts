/** @file A training step as one graph: forward pass, loss, gradients and optimizer. State goes in and comes out. */

import { followBatch, inTrainingMode, runningStatistics } from './batch-statistics.ts';
import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { OnnxError } from './errors.ts';
import { findLogits } from './losses/logits.ts';
import { logProbabilityObjective } from './losses/probability.ts';
import { addLoss, type TrainingLoss } from './losses/training-loss.ts';
import type { Dim, Model } from './model/model.ts';
import { refuseQuantized } from './operators/standard.ts';
import { upgrade } from './upgrades/upgrade.ts';

/**
 * Stochastic gradient descent with momentum, as `torch.optim.SGD` without dampening: for a gradient g of a weight w,
 * `v = momentum v + g + weightDecay w`, then `w = w - learningRate v`; v is 0 at first.
 */
export interface Sgd {
  /** Selects this optimizer. */
  readonly kind: 'sgd';
  /** In [0, 1); at 0 there is no state. */
  readonly momentum: number;
  /** L2 penalty, at least 0: this multiple of a weight is added to its gradient. */
  readonly weightDecay: number;
}

/** Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), as `torch.optim.Adam`. */
export interface Adam {
  /** Selects this optimizer. */
  readonly kind: 'adam';
  /** Decay rate of the mean of the gradient, in [0, 1); 0.9 in the paper. */
  readonly beta1: number;
  /** Decay rate of the mean of its square, in [0, 1); 0.999 in the paper. */
  readonly beta2: number;
  /** Added to the denominator, above 0; 1e-8 in the paper. */
  readonly epsilon: number;
  /** L2 penalty, at least 0: this multiple of a weight is added to its gradient. */
  readonly weightDecay: number;
}

/** How parameters are updated from their gradients. */
export type Optimizer = Sgd | Adam;

/** A `float32` tensor that is fed to every step, and replaced by what the step outputs for it. */
export interface Slot {
  /** Name of the input. */
  readonly name: string;
  /** Name of the output with its next value. */
  readonly next: string;
  /** Its shape. */
  readonly dims: readonly number[];
}

/** The graph of a training step, with the names of its inputs and outputs. */
export interface TrainingStep {
  /** The graph: run it once for every batch. */
  readonly model: Model;
  /** Input, `N x ...`: the network's own. */
  readonly images: string;
  /** Input, `int64`, `N`: the true classes; with a loss of several groups, those of the rows of the first one. */
  readonly labels: string;
  /** Input, `int64`, one for each group of the loss: its rows. Absent for softmax cross-entropy, whose batch is one group. */
  readonly rows: string | undefined;
  /** Input, `float32` scalar. */
  readonly learningRate: string;
  /** Input, `float32` scalar: the number of the step, from 1. Adam only. */
  readonly step: string | undefined;
  /** The trained constants, named as in the network. Start with the values that the network has. */
  readonly parameters: readonly Slot[];
  /** The state of the optimizer. Starts at zero. */
  readonly states: readonly Slot[];
  /**
   * The running means and variances of BatchNormalization in training mode, named as in the network; else empty. They
   * follow the batches, not the optimizer. Start with the values that the network has.
   */
  readonly statistics: readonly Slot[];
  /** Output, `float32` scalar: the loss, by default the mean cross-entropy over the batch, in nats, before the update. */
  readonly loss: string;
  /** Output, `float32` scalar: how many samples with labels were classified correctly, before the update. */
  readonly correct: string;
}

/** What a training step trains, and how. */
export interface TrainingOptions {
  /** The optimizer and its hyperparameters, which become constants of the graph. The learning rate is an input. */
  readonly optimizer: Optimizer;
  /** Softmax cross-entropy on the whole batch when absent. */
  readonly loss?: TrainingLoss;
  /**
   * Names of the constants to train. By default all `float32` constants with at least one axis, except running
   * statistics.
   */
  readonly trainable?: readonly string[];
  /**
   * In `training` mode (the default), BatchNormalization normalizes by the mean and variance of the batch, and the
   * running statistics follow: `momentum` times their old value plus (1 - `momentum`) times that of the batch, its
   * variance unbiased as in PyTorch. In `inference` mode the running statistics are used, and stay as they are. A
   * network that was exported with BatchNormalization folded into convolutions is not affected.
   */
  readonly batchNormalization?: 'training' | 'inference';
}

/**
 * Builds the graph of a training step for a classifier with one input: softmax cross-entropy on its logits (see {@link
 * findLogits}), averaged over the batch, or another loss on them. The network is upgraded first (see {@link upgrade}).
 *
 * Dropout passes its input on, as at inference, unless the model says that it is in training mode.
 *
 * @param network its first output has class scores, `N x classes`
 * @throws {@link OnnxError} if the network does not have exactly one input, a name in `trainable` is not one of its
 *   constants, or running statistics are computed or shared in `training` mode
 * @throws {@link QuantizedModelError} if the network is quantized
 * @throws {@link NoGradientError} if an operator between the parameters and the logits has no gradient
 */
export function trainingStep(network: Model, options: TrainingOptions): TrainingStep {
  refuseQuantized(network);
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
  b.reserve(model);
  const taken = namesOf(model);
  /** The name, or where the network has a value of that name another one. */
  const free = (name: string): string => (taken.has(name) ? b.unique(name) : name);
  b.input(input.name, input.type, input.shape ?? []);
  const batch: Dim = input.shape?.[0] ?? 'N';
  // With groups, fewer rows have labels than there are.
  const labels = b.input(free('labels'), 'int64', [options.loss === undefined ? batch : 'labelled']);
  const rows = options.loss === undefined ? undefined : b.input(free('rows'), 'int64', [options.loss.groups.length]);
  const learningRate = b.input(free('learning_rate'), 'float32', []);
  const step = options.optimizer.kind === 'adam' ? b.input(free('step'), 'float32', []) : undefined;
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
  const { loss, cotangent, correct } =
    options.loss === undefined || rows === undefined
      ? meanCrossEntropy(b, logits, labels, free)
      : givenLoss(b, options.loss, logits, labels, rows, free);
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
  return { model: b.build(), images: input.name, labels, rows, learningRate, step, ...slots, loss, correct };
}

/** All that a model calls something. */
function namesOf({ graph }: Model): ReadonlySet<string> {
  const inputs = graph.inputs.map(({ name }) => name);
  return new Set([...inputs, ...graph.initializers.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
}

/** The names of values in the graph: the loss, its derivative with respect to the logits, and the number of right answers. */
interface LossValues {
  readonly loss: string;
  readonly cotangent: string;
  readonly correct: string;
}

function meanCrossEntropy(b: GraphBuilder, logits: string, labels: string, free: (name: string) => string): LossValues {
  const objective = logProbabilityObjective(b, logits, labels);
  const loss = b.op('Neg', [b.op('ReduceMean', [objective.value, b.ints([0])], { keepdims: 0 })], {}, free('loss'));
  const correct = hits(b, logits, labels, free('correct'));
  // The loss is the mean of -log p: each sample has the weight 1 / N.
  const count = b.op('Cast', [b.op('Size', [labels])], { to: 1 });
  return { loss, cotangent: b.op('Neg', [b.op('Div', [objective.cotangent, count])]), correct };
}

function givenLoss(
  b: GraphBuilder,
  given: TrainingLoss,
  logits: string,
  labels: string,
  rows: string,
  free: (name: string) => string,
): LossValues {
  const { value, cotangent, first } = addLoss(b, given, logits, labels, rows);
  return {
    loss: b.op('Identity', [value], {}, free('loss')),
    cotangent,
    correct: hits(b, first, labels, free('correct')),
  };
}

function hits(b: GraphBuilder, logits: string, labels: string, name: string): string {
  const right = b.op('Cast', [b.op('Equal', [b.op('ArgMax', [logits], { axis: 1, keepdims: 0 }), labels])], { to: 1 });
  return b.op('ReduceSum', [right, b.ints([0])], { keepdims: 0 }, name);
}

/** What is subtracted from a parameter, divided by the learning rate. Next states get names that end in `.next`. */
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
