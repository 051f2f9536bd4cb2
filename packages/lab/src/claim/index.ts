/** @file The claims of the paper and of the work around it, as experiments. */

export * from './evolve.ts';
export * from './experiment.ts';
export * from './experiments.ts';
export * from './forced-choice.ts';
