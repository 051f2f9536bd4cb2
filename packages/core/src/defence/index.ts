/** @file What makes networks harder to fool. */

export * from './adversarial-training.ts';
export * from './defence.ts';
export * from './defended-batches.ts';
export * from './fooling-class/added-class.ts';
export * from './fooling-class/fooling-images.ts';
export type { ImageObjective } from './image-gradient.ts';
export { checkMovement, ImageMover, type Movement, usualStepSize } from './moved-images.ts';
export * from './outliers/generated.ts';
export * from './outliers/images.ts';
export * from './outliers/smoothed-noise.ts';
export * from './outliers/source.ts';
export { DEFENCES, defenceNamed } from './registry.ts';
