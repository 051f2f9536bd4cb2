/** @file Generative adversarial networks of our own, and their training. */

export * from './architectures/architecture.ts';
export * from './architectures/registry.ts';
export * from './collapse.ts';
export * from './networks.ts';
export * from './sampling.ts';
export { type GanEpoch, type GanGame, type GanOptions, type GanProgress, trainGan } from './trainer.ts';
