/** @file Trains an encoder and a decoder together (Kingma and Welling 2014, arXiv:1312.6114). */

import { DECODER, ENCODER, type Optimizer, variationalStep } from '@pareidolia/autodiff';
import type { Dataset } from '../../dataset/dataset.ts';
import type { Runtime, SessionOptions, Tensor } from '../../runtime/runtime.ts';
import { latentDimension, latentTensor } from '../gan/trainer.ts';
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
import type { VaeNetworks } from './networks.ts';

/** Purpose of the random numbers of a step that latent vectors are drawn with. */
const NOISE = 4;

/** What `trainVae` trains, on what, and how. */
export interface VaeOptions {
  readonly networks: VaeNetworks;
  /** Its labels do not matter. */
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Passes through the dataset. */
  readonly epochs: number;
  /** Images in a step. */
  readonly batch: number;
  /** Decides the order of the images and the noise. */
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly learningRate: Schedule;
  /** Where to go on; the result is the same, bit for bit, as that of a training which was never interrupted. */
  readonly resume?: TrainingState;
  /** Called after every step. */
  readonly onStep?: (progress: VaeProgress) => void;
  /** Called after every epoch; the next one waits for it. */
  readonly onEpoch?: (progress: VaeEpoch) => void | Promise<void>;
  /** Looked at before every step; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /** The time in milliseconds, for rates. */
  readonly now?: () => number;
}

/** The loss of a step before its update, in nats for each image. */
export interface VaeLosses {
  /** The sum of the other two: the negative lower bound of the paper, estimated with one latent vector for each image. */
  readonly loss: number;
  /** Cross-entropy of the images' values, summed over an image. */
  readonly reconstruction: number;
  /** Of the latent vectors' law, given an image, from N(0, I). */
  readonly divergence: number;
}

/** Where a training stands after a step. */
export type VaeProgress = Pace & VaeLosses;

/** Where a training stands after an epoch; the losses are the means over its images. */
export interface VaeEpoch extends Pace, VaeLosses {
  readonly state: TrainingState;
  /** The networks as they are by now, at inference. */
  readonly networks: VaeNetworks;
}

/**
 * Trains the networks. The same options give the same bytes on the same machine with the same number of threads.
 *
 * @throws InputError where networks and dataset don't fit, an option is out of range, or the loss is no longer finite
 * @throws NoGradientError where an operator has no gradient
 */
export async function trainVae(
  options: VaeOptions,
): Promise<{ readonly networks: VaeNetworks; readonly state: TrainingState; readonly complete: boolean }> {
  const { networks, dataset, optimizer } = options;
  const dimension = latentDimension(networks.decoder);
  expectImages('encoder', networks.encoder, dataset);
  const graph = variationalStep(networks.encoder, networks.decoder, { optimizer });
  const course: Course<VaeLosses & { readonly images: number }> = {
    graph,
    initial: new Map([...initialOf(networks.encoder, ENCODER), ...initialOf(networks.decoder, DECODER)]),
    async step({ images: { count, channels, height, width, data } }, _, stream) {
      return {
        feeds: {
          [graph.images]: fractions(data, [count, channels, height, width]),
          [graph.noise]: latentTensor(count, dimension, 'normal', stream(NOISE)),
        },
        told: (results, step) => ({
          loss: lossOf(results, graph.loss, step),
          reconstruction: scalarOf(results, graph.reconstruction),
          divergence: scalarOf(results, graph.divergence),
          images: count,
        }),
      };
    },
  };
  const { state, complete } = await takeCourse(course, {
    ...options,
    onStep: (pace, { images: _, ...losses }) => options.onStep?.({ ...pace, ...losses }),
    onEpoch: async (pace, told, state) => {
      await options.onEpoch?.({
        ...pace,
        loss: meanOver(told, 'loss'),
        reconstruction: meanOver(told, 'reconstruction'),
        divergence: meanOver(told, 'divergence'),
        state,
        networks: trained(networks, state),
      });
    },
  });
  return { networks: trained(networks, state), state, complete };
}

/** Pixels as float32 in [0, 1]. */
function fractions(pixels: Uint8Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data: Float32Array.from(pixels, (value) => value / 255), dims };
}

function trained({ encoder, decoder }: VaeNetworks, state: TrainingState): VaeNetworks {
  const weights = weightsOf(state);
  return { encoder: trainedPart(encoder, ENCODER, weights), decoder: trainedPart(decoder, DECODER, weights) };
}
