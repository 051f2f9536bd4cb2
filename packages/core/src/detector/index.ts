/** @file Scores that tell images of the kind a network knows from others. */

export type * from './detector.ts';
export { logSumExp } from './log-sum-exp.ts';
export * from './registry.ts';
