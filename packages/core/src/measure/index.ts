/** @file What is measured of images. */

export { HiddenActivations } from './hidden-activations.ts';
export * from './measure.ts';
export * from './registry.ts';
