/** @file From genomes to new ones. */

export * from './cppn-structure.ts';
export * from './gene-mutation.ts';
export * from './growing-mutation.ts';
export * from './iso-line.ts';
export * from './neat.ts';
export * from './palette-mutation.ts';
export { type PolynomialStep, polynomialStep } from './polynomial.ts';
export * from './registry.ts';
export * from './variation.ts';
export * from './vector-mutation.ts';
