/** @file How good a generator is. */

export * from './generator-run.ts';
export * from './measure-generator.ts';
