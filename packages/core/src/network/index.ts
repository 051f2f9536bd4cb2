/** @file Networks of our own, and their training. */

export * from './cnn.ts';
export * from './distortion.ts';
export * from './evaluation.ts';
export { type FineTuning, type FineTuningOptions, type Freeze, prepareFineTuning } from './fine-tuning/fine-tuning.ts';
export type { NewHead } from './fine-tuning/last-layer.ts';
export * from './gan/index.ts';
export * from './lenet.ts';
export * from './maxout.ts';
export * from './mlp.ts';
export * from './recipe.ts';
export * from './schedule.ts';
export { withWeights } from './steps.ts';
export * from './trainer.ts';
export * from './training.ts';
export * from './vae/index.ts';
