/** @file Generative adversarial networks of our own, and their training. */

export * from './architectures/architecture.ts';
export * from './architectures/registry.ts';
export * from './networks.ts';
export * from './trainer.ts';
