/** @file What all trainings of generators are asked. */

import { type Device, GAN_ARCHITECTURES } from '@pareidolia/core';
import { z } from 'zod';

/** Settings of every training of a generator. */
export interface GeneratorTrainingSettings {
  readonly architecture: string;
  readonly data: string;
  /** Side of the images that pictures of a folder become. */
  readonly size?: number;
  /** Numbers in a latent vector. */
  readonly latent: number;
  /** Size of the layers; the architecture's own when absent. */
  readonly width?: number;
  readonly epochs: number;
  readonly batch: number;
  /** At the beginning; it falls along half a cosine. */
  readonly learningRate: number;
  readonly device: Device;
  /** ONNX Runtime cuts sums by how much of them one thread has, so that this decides the last bits of the weights. */
  readonly threads: number;
}

const count = z.int().min(1);

/** As they are in `config.json`. */
export const GENERATOR_TRAINING_SETTINGS = {
  architecture: z.enum(GAN_ARCHITECTURES.map(({ name }) => name)),
  data: z.string(),
  size: count.exactOptional(),
  latent: count,
  width: count.exactOptional(),
  epochs: count,
  batch: count,
  learningRate: z.number(),
  device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
  threads: count,
};
