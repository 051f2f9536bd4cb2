/** @file What asks for candidates. */

export * from './cma-es/cma-es.ts';
export * from './cma-es/parameters.ts';
export * from './cost.ts';
export * from './cppn-gradient/cppn-gradient.ts';
export * from './cppn-gradient/settings.ts';
export * from './emitter.ts';
export * from './gradient-ascent/ascend.ts';
export * from './gradient-ascent/gradient-ascent.ts';
export * from './gradient-ascent/settings.ts';
export * from './human.ts';
export * from './kind.ts';
export * from './neat.ts';
export * from './openai-es/openai-es.ts';
export * from './recordable.ts';
export * from './registry.ts';
export * from './strategy/distribution.ts';
export * from './strategy/improvement-strategy.ts';
export * from './strategy/ranking.ts';
export * from './uniform.ts';
export { usualEmitter } from './usual.ts';
