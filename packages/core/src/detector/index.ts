/** @file Scores that tell images of the kind a network knows from others. */

export type * from './detector.ts';
export { isLogitDetector } from './detector.ts';
export * from './discriminator.ts';
export * from './fit-source.ts';
export * from './guard-model.ts';
export * from './guarded-answers.ts';
export type * from './guarded-network.ts';
export { type GuardedAnswers, GuardedSession, type InnerNetwork } from './guarded-session.ts';
export { logSumExp } from './log-sum-exp.ts';
export * from './registry.ts';
export * from './score-images.ts';
export * from './under-attack/raise-scores.ts';
export * from './under-attack/score-as-logit.ts';
