/** @file What the images of a quiz are. */

/** Kinds of images that a question can show; the last one are controls, on which people and networks should agree. */
export const QUIZ_KINDS = ['cppn', 'direct', 'ascent', 'real'] as const;

/** One of {@link QUIZ_KINDS}. */
export type QuizKind = (typeof QUIZ_KINDS)[number];

/** How they are called. */
export const QUIZ_KIND_TITLES: Readonly<Record<QuizKind, string>> = {
  cppn: 'Patterns, evolved (CPPN)',
  direct: 'Pixels, evolved',
  ascent: 'Gradient ascent',
  real: 'Real images',
};
