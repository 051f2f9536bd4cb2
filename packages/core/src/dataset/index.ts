/** @file Data to train and test on. */

export * from './cifar.ts';
export * from './dataset.ts';
export * from './digits/digits.ts';
export * from './drawn.ts';
export * from './drawn-names.ts';
export * from './idx.ts';
export * from './labelled-idx.ts';
export * from './stratified-sample.ts';
export * from './things/things.ts';
