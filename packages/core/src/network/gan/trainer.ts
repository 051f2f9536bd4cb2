/** @file Trains a generator and a discriminator against each other (Goodfellow et al. 2014, arXiv:1406.2661). */

import {
  type AdversarialLoss,
  adversarialStep,
  DISCRIMINATOR,
  GENERATOR,
  type Model,
  type Optimizer,
} from '@pareidolia/autodiff';
import type { Dataset } from '../../dataset/dataset.ts';
import type { LatentDistribution } from '../../generator/card.ts';
import type { Random } from '../../random/random.ts';
import type { Runtime, SessionOptions, Tensor } from '../../runtime/runtime.ts';
import { classTensor } from '../../runtime/tensors.ts';
import type { Schedule } from '../schedule.ts';
import { type Course, expectImages, initialOf, lossOf, meanOver, scalarOf, takeCourse, trainedPart } from '../steps.ts';
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
  const { networks, dataset, optimizer, loss, gradientPenalty } = options;
  const dimension = latentDimension(networks.generator);
  expectImages('discriminator', networks.discriminator, dataset);
  const graph = adversarialStep(networks.generator, networks.discriminator, {
    optimizer,
    loss,
    ...(gradientPenalty === undefined ? {} : { gradientPenalty }),
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
        networks: trained(networks, state),
      });
    },
  });
  return { networks: trained(networks, state), state, complete };
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

function trained({ generator, discriminator }: GanNetworks, state: TrainingState): GanNetworks {
  return {
    generator: trainedPart(generator, GENERATOR, state),
    discriminator: trainedPart(discriminator, DISCRIMINATOR, state),
  };
}
