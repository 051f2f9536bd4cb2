/** @file A forced choice: for each image, which of a few class names did the network give it? */

import type { ImageShape, Random } from '@pareidolia/core';

/** Class names that a question offers. Guessing is right once in so many questions. */
export const CHOICES = 4;

/** One image and the class names to choose from. */
export interface Question {
  readonly shape: ImageShape;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
  /** The class names on offer, in random order. */
  readonly labels: readonly string[];
  /** Index of the right one in `labels`. */
  readonly right: number;
}

/** A forced choice that a reader takes inside a page; the answers are sent nowhere. */
export interface Quiz {
  readonly title: string;
  readonly caption: string;
  readonly questions: readonly Question[];
  /** Shown once the reader asks for it: how the other judges did. */
  readonly afterwards: string;
}

/** The classes that a question offers. */
export interface Offer {
  /** {@link CHOICES} class indices in random order; fewer where there are fewer classes. */
  readonly classIndices: readonly number[];
  /** Index of the right class in `classIndices`. */
  readonly right: number;
}

/**
 * Draws the classes of one question: the right one among others, drawn without replacement.
 *
 * @param classIndex the right class
 * @param candidates class indices to draw the wrong ones from; the right one may be among them
 * @param random advanced by the draw
 */
export function offerClasses(classIndex: number, candidates: readonly number[], random: Random): Offer {
  const wrong = random.shuffle(candidates.filter((one) => one !== classIndex)).slice(0, CHOICES - 1);
  const classIndices = random.shuffle([classIndex, ...wrong]);
  return { classIndices, right: classIndices.indexOf(classIndex) };
}
