/** @file Networks that make images of random numbers. */

export * from './card.ts';
