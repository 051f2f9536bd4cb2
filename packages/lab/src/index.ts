/** @file The public face of the lab. */

export * from './claim/index.ts';
