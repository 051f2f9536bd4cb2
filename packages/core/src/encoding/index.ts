/** @file Ways to write an image as a genome. */

export * from './cppn/cppn.ts';
export * from './cppn/document.ts';
export { ACTIVATIONS, type Activation, type CppnGenome, unpackCppn } from './cppn/genome.ts';
export { cppnGradient } from './cppn/gradient.ts';
export { type LayeredOptions, layeredCppn } from './cppn/layered.ts';
export { renderCppnPlain } from './cppn/plain.ts';
export { renderCppn, renderCppnInBands } from './cppn/render.ts';
export * from './dct.ts';
export * from './direct.ts';
export * from './encoding.ts';
export * from './fourier.ts';
export * from './growing.ts';
export * from './kind.ts';
export * from './latent.ts';
export { type Compatibility, distance as neatDistance } from './neat/compatibility.ts';
export { express as expressNeat } from './neat/express.ts';
export type { LinkGene, NeatGenome } from './neat/genome.ts';
export * from './neat/neat.ts';
export * from './palette/document.ts';
export type { PaletteGenome } from './palette/genome.ts';
export * from './palette/palette.ts';
export * from './pixels.ts';
export * from './registry.ts';
export type { SpectralGenome } from './spectral.ts';
