/** @file What a training has where the user says nothing: for its settings, and for the help of the command. */

export const GAN_DEFAULTS = {
  architecture: 'dcgan',
  conditional: false,
  latent: 64,
  latentDistribution: 'normal',
  epochs: 10,
  batch: 64,
  learningRate: 1.5e-3,
  realLabel: 0.9,
  gradientPenalty: 2,
  average: 0.998,
  device: 'cpu',
  threads: 2,
} as const;
