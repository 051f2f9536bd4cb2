/** @file Read, check, edit and differentiate ONNX graphs. No runtime, no files. */

export * from './differentiate.ts';
export * from './errors.ts';
export * from './graph/batch.ts';
export * from './graph/builder.ts';
export type { ExternalData } from './graph/external.ts';
export * from './graph/logits.ts';
export * from './graph/model.ts';
export { readModel } from './graph/read.ts';
export * from './graph/tensor.ts';
export { upgrade } from './graph/upgrade.ts';
export { writeModel } from './graph/write.ts';
export * from './losses.ts';
export * from './losses-margin.ts';
export * from './lowering.ts';
export type { ValueType } from './shapes/types.ts';
export * from './training.ts';
