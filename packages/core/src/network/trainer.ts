/** @file Trains networks: a whole step, from images to the next parameters, is one graph that ONNX Runtime runs. */

import { type Model, type Slot, type TrainingStep, trainingStep, writeModel } from '@pareidolia/autodiff';
import { type Dataset, shuffledBatches } from '../dataset/dataset.ts';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import type { Session, Tensor, Tensors } from '../runtime/runtime.ts';
import { distort } from './distortion.ts';
import { evaluate } from './evaluation.ts';
import { expectFit } from './fit.ts';
import { learningRateAt } from './schedule.ts';
import { classTensor, imageTensor } from './tensors.ts';
import type { StepProgress, TrainingOptions, TrainingResult, TrainingState } from './training.ts';

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
        const rate = learningRateAt(options.learningRate, state.step, steps);
        const { loss, correct, next } = await runStep(session, graph, state, { ...drawn, images }, rate);
        state = next;
        timer.milliseconds += now() - started;
        timer.images += images.count;
        timer.steps++;
        totals.loss += loss * images.count;
        totals.correct += correct;
        totals.images += images.count;
        progress = {
          epoch: epoch + 1,
          step: state.step,
          steps,
          loss,
          imagesPerSecond: (1000 * timer.images) / Math.max(1, timer.milliseconds),
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

/**
 * One step.
 *
 * @throws InputError where the loss is no longer finite
 */
async function runStep(
  session: Session,
  graph: TrainingStep,
  state: TrainingState,
  examples: Dataset,
  learningRate: number,
): Promise<{ readonly next: TrainingState; readonly loss: number; readonly correct: number }> {
  const step = state.step + 1;
  const results = await session.run({
    ...state.parameters,
    ...state.memory,
    [graph.images]: imageTensor(examples.images),
    [graph.labels]: classTensor(examples.classes),
    [graph.learningRate]: scalar(learningRate),
    ...(graph.step === undefined ? {} : { [graph.step]: scalar(step) }),
  });
  const loss = scalarOf(results, graph.loss);
  if (!Number.isFinite(loss))
    throw new InputError(`The loss is ${loss} at step ${step}: choose a smaller learning rate`);
  return {
    next: { step, parameters: nextOf(graph.parameters, results), memory: nextOf(graph.states, results) },
    loss,
    correct: scalarOf(results, graph.correct),
  };
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
