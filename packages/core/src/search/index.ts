/** @file Searches: emitters are asked, archives are told. */

export * from './breeder.ts';
export * from './evolve.ts';
export * from './least-alike.ts';
export * from './lineage.ts';
export * from './scheduler.ts';
export * from './spec.ts';
export * from './statistics.ts';
export * from './time-left.ts';
