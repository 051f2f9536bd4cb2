/** @file Scores that tell images of the kind a network knows from others. */

export type * from './detector.ts';
export { logSumExp } from './log-sum-exp.ts';
export * from './registry.ts';
export * from './under-attack/guarded-scorer.ts';
export * from './under-attack/raise-scores.ts';
