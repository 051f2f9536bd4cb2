/** @file Images that show none of a classifier's classes. */

export * from './registry.ts';
export type { GarbageInputs, GarbageKind, GarbageSource } from './source.ts';
