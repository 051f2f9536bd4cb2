/** @file Trains networks: a whole step, from images to the next parameters, is one graph that ONNX Runtime runs. */

import { type Model, type Slot, type TrainingStep, trainingStep } from '@pareidolia/autodiff';
import { datasetShape, shuffledBatches } from '../dataset/dataset.ts';
import { Adversary, type Examples } from '../defence/adversarial-training.ts';
import { type DefendedBatch, DefendedBatches, defendedLoss, requireShape } from '../defence/defended-batches.ts';
import { InputError } from '../errors.ts';
import { toFloat } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { openGraph } from '../runtime/open.ts';
import type { Session, Tensor, Tensors } from '../runtime/runtime.ts';
import { classTensor, floatTensor } from '../runtime/tensors.ts';
import { expectCompatible } from './compatibility.ts';
import { distort } from './distortion.ts';
import { evaluate } from './evaluation.ts';
import { learningRateAt } from './schedule.ts';
import type { StepProgress, TrainingOptions, TrainingResult, TrainingState } from './training.ts';

/** Order, distortion and adversarial starts of the examples come from a stream of random numbers of their own. */
const TRAINING_STREAM = 5;
const ORDER = 0;
const DISTORTION = 1;
const ADVERSARY = 2;
const DEFENCE = 3;

/** Where the examples of a step come from. */
interface BatchSource {
  make(
    given: Examples,
    weights: Tensors,
    stream: (purpose: number, ...more: number[]) => Random,
  ): Promise<DefendedBatch>;
  dispose(): Promise<void>;
}

/**
 * Trains a network. The same options give the same bytes on the same machine with the same number of threads.
 *
 * @throws InputError where network and dataset don't fit, an option is out of range, or the loss is no longer finite
 * @throws NoGradientError where an operator has no gradient
 */
export async function train(options: TrainingOptions): Promise<TrainingResult> {
  const { model, dataset, validation, runtime, epochs, batch, seed, distortion, now = Date.now } = options;
  expectCompatible(model, dataset);
  if (validation !== undefined) expectCompatible(model, validation);
  expectPositive('epochs', epochs);
  expectPositive('batch', batch);
  const stepsPerEpoch = Math.ceil(dataset.images.count / batch);
  const steps = epochs * stepsPerEpoch;

  const defended = options.defences === undefined ? undefined : defendedLoss(options.defences);
  if (defended !== undefined && options.adversarial !== undefined) {
    throw new InputError('Adversarial training is given twice: as a defence and by itself; leave one of them out');
  }
  if (options.outliers !== undefined) requireShape(options.outliers, datasetShape(dataset));
  const graph = trainingStep(model, {
    optimizer: options.optimizer,
    ...(defended === undefined ? {} : { loss: defended.loss }),
    ...(options.trainable === undefined ? {} : { trainable: options.trainable }),
    ...(options.batchNormalization === undefined ? {} : { batchNormalization: options.batchNormalization }),
  });
  let state = options.resume ?? initialState(model, graph);
  expectSlots(graph.parameters, state.parameters);
  expectSlots(graph.states, state.memory);
  expectSlots(graph.statistics, state.statistics);
  const { session } = await openGraph(runtime, graph.model, options.session);
  const timer = { milliseconds: 0, images: 0, steps: 0 };
  let source: BatchSource | undefined;
  try {
    source = await openSource(options, graph);
    for (let epoch = Math.floor(state.step / stepsPerEpoch); epoch < epochs; epoch++) {
      const totals = { loss: 0, correct: 0, images: 0 };
      const skipped = state.step - epoch * stepsPerEpoch;
      let progress: StepProgress | undefined;
      let index = -1;
      for (const drawn of shuffledBatches(dataset, batch, Random.stream(seed, TRAINING_STREAM, ORDER, epoch))) {
        index++;
        if (index < skipped) continue;
        if (options.signal?.aborted) return { model: withWeights(model, state), state, complete: false };
        const started = now();
        const stream = (purpose: number, ...more: number[]): Random =>
          Random.stream(seed, TRAINING_STREAM, purpose, epoch, index, ...more);
        const images = distortion === undefined ? drawn.images : distort(drawn.images, distortion, stream(DISTORTION));
        const given: Examples = { images: toFloat(images), labels: drawn.labels };
        const made = await source.make(given, weightsOf(state), stream);
        const rate = learningRateAt(options.learningRate, state.step, steps);
        const { loss, correct, next } = await runStep(session, graph, state, made, rate);
        state = next;
        timer.milliseconds += now() - started;
        timer.images += images.count;
        timer.steps++;
        totals.loss += loss * made.labels.length;
        totals.correct += correct;
        totals.images += made.labels.length;
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
          : { validation: await evaluate(withWeights(model, state), validation, runtime, options.session) }),
        state,
      });
    }
  } finally {
    await session.dispose();
    await source?.dispose();
  }
  return { model: withWeights(model, state), state, complete: true };
}

async function openSource(options: TrainingOptions, graph: TrainingStep): Promise<BatchSource> {
  const { adversarial, defences, outliers, model, runtime, session } = options;
  const weights = [...graph.parameters, ...graph.statistics].map(({ name }) => name);
  if (defences !== undefined) {
    const batches = await DefendedBatches.open(defendedLoss(defences), outliers, model, weights, runtime, session);
    return {
      make: (given, values, stream) => batches.make(given, values, (purpose) => stream(DEFENCE, purpose)),
      dispose: () => batches.dispose(),
    };
  }
  if (outliers !== undefined) {
    throw new InputError('No defence learns from the outliers; leave them out, or choose one that does');
  }
  const whole = (examples: Examples): DefendedBatch => ({ ...examples, rows: [examples.images.count] });
  if (adversarial === undefined) return { make: async (given) => whole(given), dispose: async () => {} };
  const adversary = await Adversary.open(adversarial, model, weights, runtime, session);
  return {
    make: async (given, values, stream) => whole(await adversary.examples(given, values, stream(ADVERSARY))),
    dispose: () => adversary.dispose(),
  };
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
  { images, labels, rows }: DefendedBatch,
  learningRate: number,
): Promise<{ readonly next: TrainingState; readonly loss: number; readonly correct: number }> {
  const step = state.step + 1;
  const results = await session.run({
    ...weightsOf(state),
    ...state.memory,
    [graph.images]: floatTensor(images),
    [graph.labels]: classTensor(labels),
    ...(graph.rows === undefined ? {} : { [graph.rows]: counts(rows) }),
    [graph.learningRate]: scalar(learningRate),
    ...(graph.step === undefined ? {} : { [graph.step]: scalar(step) }),
  });
  const loss = scalarOf(results, graph.loss);
  if (!Number.isFinite(loss))
    throw new InputError(`The loss is ${loss} at step ${step}: choose a smaller learning rate`);
  return {
    next: {
      step,
      parameters: nextOf(graph.parameters, results),
      memory: nextOf(graph.states, results),
      statistics: nextOf(graph.statistics, results),
    },
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
    `The state to resume from has no ${stranger.name} of ${stranger.dims.join('x')}: it belongs to another network or optimizer`,
  );
}

/** The model's own weights and running statistics, and zeros for the optimizer. */
function initialState(model: Model, graph: TrainingStep): TrainingState {
  const own = (slots: readonly Slot[]): Tensors =>
    Object.fromEntries(
      slots.map(({ name, dims }) => {
        // Only float32 constants are trained or follow the batches.
        const data = model.graph.initializers.get(name)!.data as Float32Array;
        return [name, { type: 'float32', data, dims }];
      }),
    );
  const memory: Record<string, Tensor> = {};
  for (const { name, dims } of graph.states) {
    const size = dims.reduce((product, dim) => product * dim, 1);
    memory[name] = { type: 'float32', data: new Float32Array(size), dims };
  }
  return { step: 0, parameters: own(graph.parameters), memory, statistics: own(graph.statistics) };
}

/** Outputs of one step under the names that they have as inputs of the next; the arrays are passed on, not copied. */
function nextOf(slots: readonly Slot[], results: Tensors): Tensors {
  return Object.fromEntries(slots.map(({ name, next }) => [name, results[next]!]));
}

/** All that the network computes with and that changes from step to step. */
function weightsOf({ parameters, statistics }: TrainingState): Tensors {
  return { ...parameters, ...statistics };
}

function withWeights(model: Model, state: TrainingState): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, { dims, data, type }] of Object.entries(weightsOf(state))) {
    initializers.set(name, { type, dims, data });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

function counts(rows: readonly number[]): Tensor {
  return { type: 'int64', data: BigInt64Array.from(rows, BigInt), dims: [rows.length] };
}

function scalar(value: number): Tensor {
  return { type: 'float32', data: Float32Array.of(value), dims: [] };
}

function scalarOf(results: Tensors, name: string): number {
  return Number(results[name]!.data[0]);
}
