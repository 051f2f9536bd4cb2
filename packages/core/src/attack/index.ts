/** @file Adversarial examples. */

export type { Attack, FixedEpsilonAttack, MinimalAttack } from './attack.ts';
export * from './attacks.ts';
export { checkResults, checkTarget, type Flag } from './autoattack.ts';
export { deepfool } from './deepfool.ts';
export type { QueryCount, TargetModel } from './engine.ts';
export { EXPECTATION, type ExpectationSettings } from './expectation.ts';
export * from './lattice.ts';
export { type Ball, type Distances, distances, type Norm } from './norm.ts';
export * from './run.ts';
export { wholeBox } from './smallest.ts';
export * from './universal.ts';
export type { Stop } from './watch.ts';
