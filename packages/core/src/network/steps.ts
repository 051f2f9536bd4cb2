/** @file The course of a training: whatever its networks and losses are, one graph runs once for every batch. */

import type { Model, Slot, StepGraph, TensorValue } from '@pareidolia/autodiff';
import { type Dataset, datasetShape, shuffledBatches } from '../dataset/dataset.ts';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { openGraph } from '../runtime/open.ts';
import type { Runtime, SessionOptions, Tensor, Tensors } from '../runtime/runtime.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import type { Pace, TrainingState } from './training.ts';

/** What is random in a step comes from streams of random numbers of their own; the order of the examples is the first. */
const TRAINING_STREAM = 5;
const ORDER = 0;

/** What a step is fed besides its state, and how what comes out of it is read. */
export interface Step<Told> {
  readonly feeds: Tensors;
  /**
   * @param step its number, from 1
   * @throws InputError where the training cannot go on
   */
  told(results: Tensors, step: number): Told;
}

/** A kind of training: its graph, and what each step is made on. */
export interface Course<Told> {
  readonly graph: StepGraph;
  /** Where parameters and statistics begin, by their names in the graph. */
  readonly initial: ReadonlyMap<string, TensorValue>;
  /**
   * Makes a step out of the examples that were drawn.
   *
   * @param weights parameters and statistics as they are
   * @param stream random numbers of this step alone, by purpose; 0 is the order of the examples
   */
  step(
    drawn: Dataset,
    weights: Tensors,
    stream: (purpose: number, ...more: readonly number[]) => Random,
  ): Promise<Step<Told>>;
}

/** On what a course is taken, how long, and who is told. */
export interface CourseOptions<Told> {
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Passes through the dataset. */
  readonly epochs: number;
  /** Examples in a step. */
  readonly batch: number;
  readonly seed: number;
  readonly learningRate: Schedule;
  readonly resume?: TrainingState | undefined;
  readonly signal?: { readonly aborted: boolean } | undefined;
  /** The time in milliseconds, for rates. */
  readonly now?: (() => number) | undefined;
  readonly onStep?: (pace: Pace, told: Told) => void;
  /**
   * Called after every epoch; the next one waits for it.
   *
   * @param told by the steps of the epoch, since the resumption if it was resumed within
   */
  readonly onEpoch?: (pace: Pace, told: readonly Told[], state: TrainingState) => void | Promise<void>;
}

/**
 * Takes all steps of a course. The same options give the same bytes on the same machine with the same number of threads.
 *
 * @returns the last state, and whether all steps were taken
 * @throws InputError where an option is out of range, or the state to resume from belongs to another network or optimizer
 */
export async function takeCourse<Told>(
  { graph, initial, step }: Course<Told>,
  options: CourseOptions<Told>,
): Promise<{ readonly state: TrainingState; readonly complete: boolean }> {
  const { dataset, runtime, epochs, batch, seed, now = Date.now } = options;
  expectPositive('epochs', epochs);
  expectPositive('batch', batch);
  const stepsPerEpoch = Math.ceil(dataset.images.count / batch);
  const steps = epochs * stepsPerEpoch;
  let state = options.resume ?? initialState(graph, initial);
  expectSlots(graph.parameters, state.parameters);
  expectSlots(graph.states, state.memory);
  expectSlots(graph.statistics, state.statistics);
  const { session } = await openGraph(runtime, graph.model, options.session);
  const timer = { milliseconds: 0, images: 0, steps: 0 };
  try {
    for (let epoch = Math.floor(state.step / stepsPerEpoch); epoch < epochs; epoch++) {
      const all: Told[] = [];
      const skipped = state.step - epoch * stepsPerEpoch;
      let pace: Pace | undefined;
      let index = -1;
      for (const drawn of shuffledBatches(dataset, batch, Random.stream(seed, TRAINING_STREAM, ORDER, epoch))) {
        index++;
        if (index < skipped) continue;
        if (options.signal?.aborted) return { state, complete: false };
        const started = now();
        const stream = (purpose: number, ...more: readonly number[]): Random =>
          Random.stream(seed, TRAINING_STREAM, purpose, epoch, index, ...more);
        const { feeds, told } = await step(drawn, weightsOf(state), stream);
        const number = state.step + 1;
        const results = await session.run({
          ...weightsOf(state),
          ...state.memory,
          ...feeds,
          [graph.learningRate]: scalar(learningRateAt(options.learningRate, state.step, steps)),
          ...(graph.step === undefined ? {} : { [graph.step]: scalar(number) }),
        });
        const says = told(results, number);
        state = {
          step: number,
          parameters: nextOf(graph.parameters, results),
          memory: nextOf(graph.states, results),
          statistics: nextOf(graph.statistics, results),
        };
        timer.milliseconds += now() - started;
        timer.images += drawn.images.count;
        timer.steps++;
        all.push(says);
        pace = {
          epoch: epoch + 1,
          step: number,
          steps,
          imagesPerSecond: (1000 * timer.images) / Math.max(1, timer.milliseconds),
          secondsLeft: ((steps - number) * timer.milliseconds) / timer.steps / 1000,
        };
        options.onStep?.(pace, says);
      }
      if (pace !== undefined) await options.onEpoch?.(pace, all, state);
    }
  } finally {
    await session.dispose();
  }
  return { state, complete: true };
}

/**
 * A number that a step outputs.
 *
 * @param name of a `float32` scalar
 */
export function scalarOf(results: Tensors, name: string): number {
  return Number(results[name]!.data[0]);
}

/**
 * The loss that a step outputs.
 *
 * @throws InputError where it is no longer finite
 */
export function lossOf(results: Tensors, name: string, step: number): number {
  const loss = scalarOf(results, name);
  if (Number.isFinite(loss)) return loss;
  throw new InputError(`The loss is ${loss} at step ${step}: choose a smaller learning rate`);
}

/** All that a network computes with and that changes from step to step. */
export function weightsOf({ parameters, statistics }: Pick<TrainingState, 'parameters' | 'statistics'>): Tensors {
  return { ...parameters, ...statistics };
}

/** A network with other values for some of its constants. */
export function withWeights(model: Model, weights: Tensors): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, { dims, data, type }] of Object.entries(weights)) initializers.set(name, { type, dims, data });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The constants of one of several networks in a graph, as {@link Course.initial}. */
export function initialOf({ graph }: Model, prefix: string): readonly (readonly [name: string, value: TensorValue])[] {
  return [...graph.initializers].map(([name, value]) => [`${prefix}${name}`, value]);
}

/** One of several networks in a graph, with the weights that are given under their names in it. */
export function trainedPart(network: Model, prefix: string, weights: Tensors): Model {
  const own = Object.entries(weights).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
  );
  return withWeights(network, Object.fromEntries(own));
}

/** The mean over the images of several steps of what each of them told. */
export function meanOver<Key extends string>(
  told: readonly (Readonly<Record<Key, number>> & { readonly images: number })[],
  key: Key,
): number {
  const images = told.reduce((sum, each) => sum + each.images, 0);
  return told.reduce((sum, each) => sum + each[key] * each.images, 0) / images;
}

/**
 * @param name what the network is called in the error
 * @throws InputError where there is no image, or a network takes others
 */
export function expectImages(name: string, { graph }: Model, dataset: Dataset): void {
  const { channels, height, width } = datasetShape(dataset);
  if (dataset.images.count === 0) throw new InputError(`${dataset.name} holds no image`);
  const taken = graph.inputs[0]!.shape!.slice(1).join('x');
  if (taken === `${channels}x${height}x${width}`) return;
  throw new InputError(
    `The ${name} takes images of ${taken}, those of ${dataset.name} are ${channels}x${height}x${width}`,
  );
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

/** The networks' own weights and running statistics, and zeros for the optimizer. */
function initialState(graph: StepGraph, initial: Course<unknown>['initial']): TrainingState {
  const own = (slots: readonly Slot[]): Tensors =>
    Object.fromEntries(
      slots.map(({ name, dims }) => {
        // Only float32 constants are trained or follow the batches.
        const data = initial.get(name)!.data as Float32Array;
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

function scalar(value: number): Tensor {
  return { type: 'float32', data: Float32Array.of(value), dims: [] };
}
