/** @file What a training has where the user says nothing: for its settings, and for the help of the command. */

export const VAE_DEFAULTS = {
  architecture: 'dcgan',
  latent: 20,
  epochs: 10,
  batch: 64,
  learningRate: 1e-3,
  device: 'cpu',
  threads: 2,
} as const;
