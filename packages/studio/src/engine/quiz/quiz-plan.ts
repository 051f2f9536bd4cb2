/** @file Which kinds of images a quiz shows, in which order. */

import type { Random } from '@pareidolia/core';
import type { QuizKind } from '@pareidolia/lab/quiz';

/** One question in so many shows a real image, where there are any: with 12 questions that tells the two apart. */
const REAL_EVERY = 3;

/** How many questions show real images. */
export function realCount(questions: number, kinds: readonly QuizKind[]): number {
  if (!kinds.includes('real')) return 0;
  return kinds.length === 1 ? questions : Math.round(questions / REAL_EVERY);
}

/**
 * The kind of each question: the real ones that there are, the others in equal parts, all of them shuffled.
 *
 * @param kinds at least one that is not real, unless all images are
 * @param real images at hand
 */
export function planQuiz(questions: number, kinds: readonly QuizKind[], real: number, random: Random): QuizKind[] {
  const made = kinds.filter((kind) => kind !== 'real');
  const makes = made.length === 0 ? 0 : questions - real;
  return random.shuffle([
    ...Array.from({ length: makes }, (_, i) => made[i % made.length]!),
    ...Array.from({ length: real }, () => 'real' as const),
  ]);
}
