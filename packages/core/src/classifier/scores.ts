/** @file What a classifier says of a batch of images. */

/** Confidences of a batch: class probabilities, or sigmoids. */
export interface Scores {
  readonly count: number;
  readonly numClasses: number;
  /** `count x classes`, row-major, in [0, 1]; the sum of a row is 1, but for sigmoids of several labels. */
  readonly data: Float32Array;
}

/** The probabilities of one image, as a view. */
export function scoresOf(scores: Scores, index: number): Float32Array {
  return scores.data.subarray(index * scores.numClasses, (index + 1) * scores.numClasses);
}

/** The class with the largest score; the first one where several are equal. */
export function argmax(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}

/** The rows of a table of logits or scores in which all values are finite, in order. */
export function finiteRows({ count, numClasses, data }: Scores): readonly number[] {
  return Array.from({ length: count }, (_, row) => row).filter((row) =>
    data.subarray(row * numClasses, (row + 1) * numClasses).every(Number.isFinite),
  );
}

/** Penultimate features of a batch. */
export interface Features {
  readonly count: number;
  /** Features of one image. */
  readonly width: number;
  /** `count x width`, row-major. */
  readonly data: Float32Array;
}
