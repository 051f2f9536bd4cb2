/** @file Measures of a classifier on labelled images, and of a generator's images. */

export * from './accuracy.ts';
export * from './answers.ts';
export * from './binomial-tail.ts';
export * from './calibration.ts';
export * from './classifier-score.ts';
export * from './confusion.ts';
export * from './frechet-distance.ts';
export * from './interval.ts';
export * from './neighbors.ts';
export * from './paired-test.ts';
export * from './precision-recall.ts';
export * from './proper-scores.ts';
export * from './ranking.ts';
export * from './second-look.ts';
export * from './temperature.ts';
