/** @file Trains a generator and a discriminator against each other (Goodfellow et al. 2014, arXiv:1406.2661). */

import {
  type AdversarialLoss,
  adversarialStep,
  averageOf,
  DISCRIMINATOR,
  GENERATOR,
  type Model,
  type Optimizer,
} from '@pareidolia/autodiff';
import type { Dataset } from '../../dataset/dataset.ts';
import { InputError } from '../../errors.ts';
import type { LatentDistribution } from '../../generator/card.ts';
import type { Random } from '../../random/random.ts';
import type { Runtime, SessionOptions, Tensor, Tensors } from '../../runtime/runtime.ts';
import { classTensor } from '../../runtime/tensors.ts';
import type { Schedule } from '../schedule.ts';
import {
  type Course,
  expectImages,
  initialOf,
  lossOf,
  meanOver,
  scalarOf,
  takeCourse,
  trainedPart,
  weightsOf,
} from '../steps.ts';
import type { Pace, TrainingState } from '../training.ts';
import type { GanNetworks } from './networks.ts';

/** Purpose of the random numbers of a step that latent vectors are made of. */
const LATENTS = 4;

/** What `trainGan` trains, on what, and how. */
export interface GanOptions {
  readonly networks: GanNetworks;
  /** Its labels matter where the networks take classes. */
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Passes through the dataset. */
  readonly epochs: number;
  /** Real images in a step, and as many generated ones. */
  readonly batch: number;
  /** Decides the order of the images and all latent vectors. */
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly loss: AdversarialLoss;
  /** Of R1, above 0. No penalty when absent. */
  readonly gradientPenalty?: number;
  /**
   * Decay, in [0, 1), of the moving average of the generator's weights, which is what comes out in place of the last ones (Yazici
   * et al. 2019, arXiv:1806.04498). The last ones when absent.
   */
  readonly average?: number;
  readonly learningRate: Schedule;
  /** The law of each number of a latent vector. */
  readonly latents: LatentDistribution;
  /** Where to go on; the result is the same, bit for bit, as that of a training which was never interrupted. */
  readonly resume?: TrainingState;
  /** Called after every step. */
  readonly onStep?: (progress: GanProgress) => void;
  /** Called after every epoch; the next one waits for it. */
  readonly onEpoch?: (progress: GanEpoch) => void | Promise<void>;
  /** Looked at before every step; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /** The time in milliseconds, for rates. */
  readonly now?: () => number;
}

/** What a step says of the game: losses in nats, and shares of images that the discriminator was right about. */
export interface GanGame {
  /** Before the step, penalty included. */
  readonly discriminatorLoss: number;
  readonly generatorLoss: number;
  /** Share of the real images that it takes for real. */
  readonly realRight: number;
  /** Share of the generated images that it takes for generated. */
  readonly fakeRight: number;
}

/** Where a training stands after a step. */
export type GanProgress = Pace & GanGame;

/** Where a training stands after an epoch; the game is the mean over its steps. */
export interface GanEpoch extends Pace, GanGame {
  readonly state: TrainingState;
  /** The networks as they are by now, at inference. */
  readonly networks: GanNetworks;
}

/**
 * Trains the networks. The same options give the same bytes on the same machine with the same number of threads.
 *
 * @throws InputError where networks and dataset don't fit, an option is out of range, or a loss is no longer finite
 * @throws NoGradientError where an operator has no gradient, or with a penalty no gradient of its gradient
 */
export async function trainGan(
  options: GanOptions,
): Promise<{ readonly networks: GanNetworks; readonly state: TrainingState; readonly complete: boolean }> {
  const { networks, dataset, optimizer, loss, gradientPenalty, average } = options;
  if (average !== undefined && !(average >= 0 && average < 1)) {
    throw new InputError(`average is ${average}; give a decay from 0 to below 1`);
  }
  const dimension = latentDimension(networks.generator);
  expectImages('discriminator', networks.discriminator, dataset);
  const graph = adversarialStep(networks.generator, networks.discriminator, {
    optimizer,
    loss,
    ...(gradientPenalty === undefined ? {} : { gradientPenalty }),
    ...(average === undefined ? {} : { generatorAverage: average }),
  });
  const course: Course<GanGame & { readonly images: number }> = {
    graph,
    initial: new Map([
      ...initialOf(networks.generator, GENERATOR),
      ...initialOf(networks.discriminator, DISCRIMINATOR),
    ]),
    async step({ images, labels }, _, stream) {
      const { count } = images;
      return {
        feeds: {
          [graph.latent]: latentTensor(count, dimension, options.latents, stream(LATENTS)),
          [graph.images]: symmetric(images.data, [count, images.channels, images.height, images.width]),
          ...(graph.labels === undefined ? {} : { [graph.labels]: classTensor(labels) }),
        },
        told: (results, step) => ({
          discriminatorLoss: lossOf(results, graph.discriminatorLoss, step),
          generatorLoss: lossOf(results, graph.generatorLoss, step),
          realRight: scalarOf(results, graph.realRight) / count,
          fakeRight: scalarOf(results, graph.fakeRight) / count,
          images: count,
        }),
      };
    },
  };
  const { state, complete } = await takeCourse(course, {
    ...options,
    onStep: (pace, { images: _, ...game }) => options.onStep?.({ ...pace, ...game }),
    onEpoch: async (pace, told, state) => {
      if (options.onEpoch === undefined) return;
      const mean = (key: keyof GanGame): number => meanOver(told, key);
      await options.onEpoch({
        ...pace,
        discriminatorLoss: mean('discriminatorLoss'),
        generatorLoss: mean('generatorLoss'),
        realRight: mean('realRight'),
        fakeRight: mean('fakeRight'),
        state,
        networks: trained(networks, state, average),
      });
    },
  });
  return { networks: trained(networks, state, average), state, complete };
}

/** Latent vectors, `count x dimension`, one after the other out of one stream. */
export function latentTensor(count: number, dimension: number, law: LatentDistribution, random: Random): Tensor {
  const draw = law === 'normal' ? () => random.normal() : () => 2 * random.uniform() - 1;
  return { type: 'float32', data: Float32Array.from({ length: count * dimension }, draw), dims: [count, dimension] };
}

/** Pixels as float32 in [-1, 1]. */
function symmetric(pixels: Uint8Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data: Float32Array.from(pixels, (value) => value / 127.5 - 1), dims };
}

/** Numbers in a latent vector of a generator that was made here. */
export function latentDimension({ graph }: Model): number {
  return Number(graph.inputs[0]!.shape![1]);
}

/** @param average decay of the moving average, where the generator is to have it */
function trained(
  { generator, discriminator }: GanNetworks,
  state: TrainingState,
  average: number | undefined,
): GanNetworks {
  return {
    generator: trainedPart(generator, GENERATOR, average === undefined ? weightsOf(state) : averaged(state, average)),
    discriminator: trainedPart(discriminator, DISCRIMINATOR, weightsOf(state)),
  };
}

/** The moving averages of the generator, as weighted means. */
function averaged(state: TrainingState, decay: number): Tensors {
  if (state.step === 0) return weightsOf(state);
  const whole = 1 - decay ** state.step;
  return Object.fromEntries(
    Object.keys(weightsOf(state)).flatMap((name) => {
      const kept = state.memory[averageOf(name)];
      if (kept === undefined) return [];
      const data = (kept.data as Float32Array).map((value) => value / whole);
      return [[name, { type: 'float32' as const, dims: kept.dims, data }] as const];
    }),
  );
}
