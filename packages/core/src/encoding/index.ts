/** @file Ways to write an image as a genome. */

export * from './direct.ts';
export * from './encoding.ts';
