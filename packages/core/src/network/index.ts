/** @file Networks of our own, and their training. */

export * from './distortion.ts';
export * from './evaluation.ts';
export * from './lenet.ts';
export * from './maxout.ts';
export * from './mlp.ts';
export * from './recipe.ts';
export * from './schedule.ts';
export * from './trainer.ts';
export * from './training.ts';
