/**
 * @file The public face of the core. `@pareidolia/core/runtime/node` holds the native runtime.
 *
 * `z` comes from here so that the settings of another package's encodings and emitters are made by the same zod.
 */

export { z } from 'zod';
export * from './archive/index.ts';
export * from './attack/index.ts';
export * from './classifier/card.ts';
export * from './classifier/card-source/index.ts';
export * from './classifier/class-list.ts';
export * from './classifier/classifier.ts';
export * from './classifier/constant-answer.ts';
export * from './classifier/ensemble.ts';
export * from './classifier/estimated-gradient.ts';
export type { NetworkEnds } from './classifier/graph.ts';
export { REFUSED_CLASS } from './classifier/guarded-card.ts';
export type { InputPlan } from './classifier/input.ts';
export * from './classifier/known/known.ts';
export type { LastLayer } from './classifier/last-layer.ts';
export * from './classifier/metered.ts';
export * from './classifier/objective.ts';
export * from './classifier/onnx-classifier.ts';
export * from './classifier/parts.ts';
export type { Penultimate } from './classifier/penultimate.ts';
export { batchOf, probeImages } from './classifier/probes.ts';
export * from './classifier/query-budget.ts';
export * from './classifier/remote/index.ts';
export type { OutputKind, ScoreReading } from './classifier/score-reading.ts';
export * from './classifier/scores.ts';
export * from './classifier/ten-crops.ts';
export * from './classifier/wrapped.ts';
export * from './dataset/index.ts';
export * from './decision-boundary/index.ts';
export * from './defence/index.ts';
export * from './detector/index.ts';
export * from './emitter/index.ts';
export * from './encoding/index.ts';
export * from './errors.ts';
export * from './garbage/index.ts';
export * from './generator/index.ts';
export * from './image/contrast.ts';
export * from './image/images.ts';
export * from './image/luminance.ts';
export * from './image/power-spectrum.ts';
export * from './measure/index.ts';
export * from './metric/index.ts';
export * from './network/index.ts';
export * from './preprocessing/trial.ts';
export * from './preprocessing/usual.ts';
export * from './random/random.ts';
export * from './runtime/runtime.ts';
export * from './search/index.ts';
export * from './settings/names.ts';
export * from './settings/settings.ts';
export * from './settings/wrong-field.ts';
export * from './variation/index.ts';
