/** @file Models that refuse what they do not know: detectors fitted, tried, chosen by evidence and folded in. */

export type { PlacedImages } from '../detection/split.ts';
export * from './build-guard.ts';
export type * from './guard-run.ts';
export * from './searches-against-guards.ts';
