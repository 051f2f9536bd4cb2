/** @file Adversarial examples. */

export { checkResults, checkTarget, type Flag } from './algorithms/autoattack.ts';
export { deepfool } from './algorithms/deepfool.ts';
export * from './algorithms/universal.ts';
export type { Attack, FixedEpsilonAttack, MinimalAttack } from './attack.ts';
export { EXPECTATION, type ExpectationSettings } from './engine/expectation.ts';
export * from './engine/quantization.ts';
export type { QueryCount, TargetModel } from './engine/target-model.ts';
export type { Stop } from './engine/verify.ts';
export { type Ball, type Distances, distances, type Norm, wholeBox } from './norm.ts';
export * from './registry.ts';
export * from './run.ts';
