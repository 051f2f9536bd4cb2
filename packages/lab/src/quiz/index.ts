/** @file Quizzes that people take against a network: the kinds of images, the counts, and what they show. */

export * from './class-csv.ts';
export * from './conclusion.ts';
export * from './kinds.ts';
export * from './tally.ts';
