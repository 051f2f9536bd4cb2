/** @file What asks for candidates. */

export * from './cma-es/cma-es.ts';
export * from './cma-es/improvement-strategy.ts';
export * from './cma-es/parameters.ts';
export * from './cma-es/ranking.ts';
export * from './emitter.ts';
export * from './gradient-ascent/ascend.ts';
export * from './gradient-ascent/gradient-ascent.ts';
export * from './gradient-ascent/settings.ts';
export * from './human.ts';
export * from './kind.ts';
export * from './recordable.ts';
export * from './registry.ts';
export * from './uniform.ts';
