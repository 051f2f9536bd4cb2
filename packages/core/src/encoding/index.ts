/** @file Ways to write an image as a genome. */

export * from './cppn/cppn.ts';
export { ACTIVATIONS, type Activation, type CppnGenome } from './cppn/genome.ts';
export { CppnRenderer } from './cppn/kernel.ts';
export { CPPN_DEFAULTS, type CppnOptions } from './cppn/mutation.ts';
export { renderPlain } from './cppn/plain.ts';
export * from './direct.ts';
export * from './encoding.ts';
export * from './spec.ts';
