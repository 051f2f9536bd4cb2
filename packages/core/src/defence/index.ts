/** @file What makes networks harder to fool. */

export * from './adversarial-training.ts';
