/** @file The public face of the core. `@pareidolia/core/runtime/node` holds the native runtime. */

export * from './ascent/ascent.ts';
export * from './ascent/settings.ts';
export * from './attack/index.ts';
export * from './classifier/card.ts';
export * from './classifier/classifier.ts';
export * from './classifier/crops.ts';
export * from './classifier/known.ts';
export * from './classifier/objective.ts';
export * from './classifier/onnx-classifier.ts';
export * from './classifier/scores.ts';
export * from './dataset/index.ts';
export * from './decision-boundary/index.ts';
export * from './defence/index.ts';
export * from './encoding/index.ts';
export * from './errors.ts';
export * from './evolution/archive.ts';
export * from './evolution/breeder.ts';
export * from './evolution/search.ts';
export * from './evolution/statistics.ts';
export * from './image/images.ts';
export * from './network/index.ts';
export * from './random/random.ts';
export * from './runtime/runtime.ts';
export * from './settings/settings.ts';
