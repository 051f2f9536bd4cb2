/** @file How we train when nobody says otherwise. */

import type { Optimizer } from '@pareidolia/autodiff';
import type { TrainingOptions } from './training.ts';

/**
 * The recipe behind the embedded network and the figures for MNIST. Chosen on the last 5,000 training images of MNIST,
 * never on its test set.
 */
export const DEFAULT_RECIPE = {
  batch: 64,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  learningRate: { kind: 'cosine', base: 0.02 },
  distortion: { shift: 1.5, rotation: 0.15, scale: 0.1, elastic: 0.5 },
} as const satisfies Partial<TrainingOptions>;

/**
 * What differs where every image is replaced by an adversarial example. At epsilon .3, gradient descent with momentum stays
 * where all digits look alike (a loss of log 10); Adam, which Madry et al. 2018 train with, leaves that place within an
 * epoch.
 */
export const ADVERSARIAL_RECIPE = {
  optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
  learningRate: { kind: 'cosine', base: 0.001 },
} as const satisfies Partial<TrainingOptions>;

/** How a network that was trained elsewhere is trained on: in small steps, so that it keeps what it knows. */
export const FINE_TUNING_RECIPE = {
  optimizer: ADVERSARIAL_RECIPE.optimizer,
  learningRate: { kind: 'cosine', base: 0.0002 },
} as const satisfies Partial<TrainingOptions>;

/**
 * Both networks of a generative adversarial network: Adam without momentum, as where R1 is the penalty (Karras et al. 2019,
 * arXiv:1812.04948, section 2); DCGAN's .5 (Radford, Metz and Chintala 2016) came to less with it on MNIST.
 */
export const GAN_OPTIMIZER = {
  kind: 'adam',
  beta1: 0,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const satisfies Optimizer;

/** Encoder and decoder of a variational autoencoder: Adam with the numbers of its paper. */
export const VAE_OPTIMIZER: Optimizer = ADVERSARIAL_RECIPE.optimizer;
