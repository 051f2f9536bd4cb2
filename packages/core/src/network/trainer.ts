/** @file Trains networks: a whole step, from images to the next parameters, is one graph that ONNX Runtime runs. */

import {
  type Model,
  type Optimiser,
  type Slot,
  type TrainingStep,
  trainingStep,
  writeModel,
} from '@pareidolia/autodiff';
import { type Dataset, shuffledBatches } from '../dataset/dataset.ts';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import type { Runtime, SessionOptions, Tensor, Tensors } from '../runtime/runtime.ts';
import { type Distortion, distort } from './distortion.ts';
import { type Evaluation, evaluate } from './evaluation.ts';
import { expectFit } from './fit.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import { classTensor, imageTensor } from './tensors.ts';

export interface TrainingOptions {
  /** From float32 images in [0, 1] to logits; its float32 constants are what is trained. */
  readonly model: Model;
  readonly dataset: Dataset;
  /** Scored after every epoch. */
  readonly validation?: Dataset;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Passes through the dataset. */
  readonly epochs: number;
  /** Examples in a step. */
  readonly batch: number;
  /** Decides the order of the examples and their distortion. */
  readonly seed: number;
  readonly optimiser: Optimiser;
  readonly learningRate: Schedule;
  /** Every image is distorted anew in every epoch. Not at all when absent. */
  readonly distortion?: Distortion;
  /** Where to go on; the result is the same, bit for bit, as that of a training which was never interrupted. */
  readonly resume?: TrainingState;
  /** Called after every step. */
  readonly onStep?: (progress: StepProgress) => void;
  /** Called after every epoch; the next one waits for it. */
  readonly onEpoch?: (progress: EpochProgress) => void | Promise<void>;
  /** Looked at before every step; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /** The time in milliseconds, for rates. */
  readonly now?: () => number;
}

/** What a training has come to; all that is needed to go on. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** The weights, by the names of the model's constants. */
  readonly parameters: Tensors;
  /** What the optimiser remembers. */
  readonly memory: Tensors;
}

/** Where a training stands after a step. */
export interface StepProgress {
  /** The epoch that the step belongs to, from 1. */
  readonly epoch: number;
  /** Steps done. */
  readonly step: number;
  /** Steps in the whole training. */
  readonly steps: number;
  /** Mean cross-entropy of the step's batch before the step, in nats. */
  readonly loss: number;
  /** Examples trained on per second since the training began or was resumed, validation left out. */
  readonly imagesPerSecond: number;
  /** At that rate. */
  readonly secondsLeft: number;
}

/** Where a training stands after an epoch. */
export interface EpochProgress extends StepProgress {
  /** Mean cross-entropy over the steps of the epoch, while the network changed; since the resumption if it was resumed within. */
  readonly meanLoss: number;
  /** Share of the same examples that were classified right. */
  readonly trainAccuracy: number;
  /** Absent without a validation set. */
  readonly validation?: Evaluation;
  readonly state: TrainingState;
}

/** What came out of a training. */
export interface TrainingResult {
  /** The network with its new weights. */
  readonly model: Model;
  readonly state: TrainingState;
  /** False where the signal ended it early. */
  readonly complete: boolean;
}

/** Order and distortion of the examples come from a stream of random numbers of their own. */
const TRAINING_STREAM = 5;
const ORDER = 0;
const DISTORTION = 1;

/**
 * Trains a network. The same options give the same bytes on the same machine with the same number of threads.
 *
 * @throws InputError where network and dataset don't fit, an option is out of range, or the loss is no longer finite
 * @throws NoGradientError where an operator has no gradient
 */
export async function train(options: TrainingOptions): Promise<TrainingResult> {
  const { model, dataset, validation, runtime, epochs, batch, seed, distortion, now = Date.now } = options;
  expectFit(model, dataset);
  if (validation !== undefined) expectFit(model, validation);
  expectPositive('epochs', epochs);
  expectPositive('batch', batch);
  const stepsPerEpoch = Math.ceil(dataset.images.count / batch);
  const steps = epochs * stepsPerEpoch;

  const graph = trainingStep(model, { optimiser: options.optimiser });
  let state = options.resume ?? initialState(model, graph);
  expectSlots(graph.parameters, state.parameters);
  expectSlots(graph.states, state.memory);
  const session = await runtime.createSession(writeModel(graph.model), options.session);
  const timer = { milliseconds: 0, images: 0, steps: 0 };
  try {
    for (let epoch = Math.floor(state.step / stepsPerEpoch); epoch < epochs; epoch++) {
      const totals = { loss: 0, correct: 0, images: 0 };
      const skipped = state.step - epoch * stepsPerEpoch;
      let progress: StepProgress | undefined;
      let index = -1;
      for (const drawn of shuffledBatches(dataset, batch, Random.stream(seed, TRAINING_STREAM, ORDER, epoch))) {
        index++;
        if (index < skipped) continue;
        if (options.signal?.aborted) return { model: withParameters(model, state), state, complete: false };
        const started = now();
        const random = Random.stream(seed, TRAINING_STREAM, DISTORTION, epoch, index);
        const images = distortion === undefined ? drawn.images : distort(drawn.images, distortion, random);
        const results = await session.run({
          ...state.parameters,
          ...state.memory,
          [graph.images]: imageTensor(images),
          [graph.labels]: classTensor(drawn.classes),
          [graph.learningRate]: scalar(learningRateAt(options.learningRate, state.step, steps)),
          ...(graph.step === undefined ? {} : { [graph.step]: scalar(state.step + 1) }),
        });
        const loss = scalarOf(results, graph.loss);
        if (!Number.isFinite(loss)) {
          throw new InputError(`The loss is ${loss} at step ${state.step + 1}: choose a smaller learning rate`);
        }
        state = {
          step: state.step + 1,
          parameters: nextOf(graph.parameters, results),
          memory: nextOf(graph.states, results),
        };
        timer.milliseconds += now() - started;
        timer.images += images.count;
        timer.steps++;
        totals.loss += loss * images.count;
        totals.correct += scalarOf(results, graph.correct);
        totals.images += images.count;
        progress = {
          epoch: epoch + 1,
          step: state.step,
          steps,
          loss,
          imagesPerSecond: (1000 * timer.images) / timer.milliseconds,
          secondsLeft: ((steps - state.step) * timer.milliseconds) / timer.steps / 1000,
        };
        options.onStep?.(progress);
      }
      if (progress === undefined || options.onEpoch === undefined) continue;
      await options.onEpoch({
        ...progress,
        meanLoss: totals.loss / totals.images,
        trainAccuracy: totals.correct / totals.images,
        ...(validation === undefined
          ? {}
          : { validation: await evaluate(withParameters(model, state), validation, runtime, options.session) }),
        state,
      });
    }
  } finally {
    await session.dispose();
  }
  return { model: withParameters(model, state), state, complete: true };
}

function expectPositive(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new InputError(`${name} is ${value}; give a whole number of at least 1`);
}

function expectSlots(slots: readonly Slot[], tensors: Tensors): void {
  const stranger = slots.find(({ name, dims }) => tensors[name]?.dims.join() !== dims.join());
  if (stranger === undefined) return;
  throw new InputError(
    `The state to resume from has no ${stranger.name} of ${stranger.dims.join('x')}: it belongs to another network or optimiser`,
  );
}

/** The model's own weights, and zeros for the optimiser. */
function initialState(model: Model, graph: TrainingStep): TrainingState {
  const parameters: Record<string, Tensor> = {};
  for (const { name, dims } of graph.parameters) {
    // Only float32 constants are trained.
    const data = model.graph.initializers.get(name)!.data as Float32Array;
    parameters[name] = { type: 'float32', data, dims };
  }
  const memory: Record<string, Tensor> = {};
  for (const { name, dims } of graph.states) {
    const size = dims.reduce((product, dim) => product * dim, 1);
    memory[name] = { type: 'float32', data: new Float32Array(size), dims };
  }
  return { step: 0, parameters, memory };
}

/** Outputs of one step under the names that they have as inputs of the next; the arrays are passed on, not copied. */
function nextOf(slots: readonly Slot[], results: Tensors): Tensors {
  return Object.fromEntries(slots.map(({ name, next }) => [name, results[next]!]));
}

function withParameters(model: Model, { parameters }: TrainingState): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, { dims, data, type }] of Object.entries(parameters)) initializers.set(name, { type, dims, data });
  return { ...model, graph: { ...model.graph, initializers } };
}

function scalar(value: number): Tensor {
  return { type: 'float32', data: Float32Array.of(value), dims: [] };
}

function scalarOf(results: Tensors, name: string): number {
  return Number(results[name]!.data[0]);
}
