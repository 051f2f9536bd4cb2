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
import type { Optimizer } from './optimizer.ts';
import { StepBuilder, type StepGraph } from './step-graph.ts';
import { upgrade } from './upgrades/upgrade.ts';

/** The graph of a classifier's training step, with the names of its inputs and outputs; parameters are named as in the network. */
export interface TrainingStep extends StepGraph {
  /** Input, `N x ...`: the network's own. */
  readonly images: string;
  /** Input, `int64`, `N`: the true classes; with a loss of several groups, those of the rows of the first one. */
  readonly labels: string;
  /** Input, `int64`, one for each group of the loss: its rows. Absent for softmax cross-entropy, whose batch is one group. */
  readonly rows: string | undefined;
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
  const updates = new StepBuilder(b, options.optimizer, free);
  for (const name of trainable) {
    const value = initializers.get(name);
    if (value === undefined) throw new OnnxError(`The network has no constant ${name} to train`);
    updates.parameter(name, value.dims);
  }
  for (const name of following) {
    if (trainable.includes(name)) throw new OnnxError(`${name} follows the batches; it cannot be trained besides`);
    updates.statistic(name, initializers.get(name)!.dims);
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

  trainable.forEach((name, index) => {
    updates.update(name, gradients[index]!);
  });
  followBatch(b, layers);
  return { ...updates.build(loss, correct), images: input.name, labels, rows, loss, correct };
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
