/** @file Networks that make images of random numbers. */

export * from './card.ts';
export { Decoder, type DecoderSpec } from './decoder.ts';
export * from './generator.ts';
export * from './latent-plane.ts';
export * from './latent-space.ts';
export * from './makes-images.ts';
