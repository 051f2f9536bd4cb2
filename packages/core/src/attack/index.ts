/** @file Adversarial examples: all that runs attacks. What they are written with is `kit.ts`. */

export type {
  Attack,
  AttackDescription,
  EnsembleAttack,
  FixedAttack,
  FixedSearch,
  MinimalAttack,
  MinimalSearch,
  SingleAttack,
  UniversalAttack,
  UniversalOptions,
  UniversalPerturbation,
  UniversalSearch,
} from './attack.ts';
export { attacksThatSee } from './engine/attacks-that-see.ts';
export { checkAccess, checkRequest } from './engine/check-request.ts';
export { EXPECTATION, type ExpectationSettings } from './engine/expectation.ts';
export { knownStarts, mayBeginAtStarts } from './engine/known-starts.ts';
export { imageOf, levelsOf } from './engine/quantization.ts';
export { acceptedClasses } from './engine/refusal.ts';
export { checkResults, checkTarget, type Flag } from './engine/reliability.ts';
export type { KnownStart } from './engine/sample.ts';
export type { TargetModel } from './engine/target-model.ts';
export type { Stop } from './engine/verify.ts';
export { type Ball, type Distances, distances, type Norm, wholeBox } from './norm.ts';
export * from './options.ts';
export * from './registry.ts';
export * from './result.ts';
export * from './run.ts';
