/**
 * @file What attacks are written with. The built-in ones import nothing else, and neither needs one of your own
 * (`@pareidolia/core/attack/kit`).
 *
 * `z` and `Random` come from here so that an attack of another package has the same zod and the same streams as the core.
 */

export { z } from 'zod';
export { partsByMemory } from '../classifier/parts.ts';
export { InputError } from '../errors.ts';
export { type FloatImages, type ImageShape, type Images, imageSize } from '../image/images.ts';
export { Random } from '../random/random.ts';
export * from '../settings/settings.ts';
export * from './attack.ts';
export * from './criterion.ts';
export * from './engine/adversarial-start.ts';
export * from './engine/auto-pgd.ts';
export * from './engine/batched-queries.ts';
export * from './engine/drive.ts';
export * from './engine/quantization.ts';
export * from './engine/query.ts';
export * from './engine/random-start.ts';
export * from './engine/refusal.ts';
export * from './engine/sample.ts';
export * from './engine/target-model.ts';
export * from './engine/verify.ts';
export * from './norm.ts';
export * from './numerics/adam.ts';
export * from './numerics/dct.ts';
export * from './numerics/differential-evolution.ts';
export * from './numerics/hyperplane.ts';
export * from './numerics/proximal.ts';
export * from './numerics/quasi-newton.ts';
export * from './numerics/square-window.ts';
