import { Random } from '@pareidolia/core';

/**
 * The classes of each image ranked by their confidence, 1 for the least, ties sharing theirs. Ranks do not see the
 * normalizer of the softmax, which would let all classes fall together where one is certain.
 *
 * @param confidences `images x classes`
 * @returns `images x classes`
 */
export function rankProfiles(confidences: Float32Array, classes: number): Float32Array {
  const ranks = new Float32Array(confidences.length);
  for (let start = 0; start < confidences.length; start += classes) {
    const row = confidences.subarray(start, start + classes);
    const order = [...row.keys()].sort((a, b) => row[a]! - row[b]!);
    for (let from = 0; from < classes; ) {
      let to = from;
      while (to < classes && row[order[to]!] === row[order[from]!]) to++;
      for (let i = from; i < to; i++) ranks[start + order[i]!] = (from + 1 + to) / 2;
      from = to;
    }
  }
  return ranks;
}

/**
 * Pearson's correlation over the images, of every two classes.
 *
 * @param profiles `images x classes`
 * @returns `classes x classes`; 0 where one of the two is constant
 */
export function classCorrelations(profiles: Float32Array, classes: number): Float64Array {
  const images = profiles.length / classes;
  const columns = Array.from({ length: classes }, (_, label) => {
    const column = Float64Array.from({ length: images }, (_, image) => profiles[image * classes + label]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / images;
    const centered = column.map((value) => value - mean);
    const norm = Math.sqrt(centered.reduce((sum, value) => sum + value * value, 0));
    return centered.map((value) => (norm === 0 ? 0 : value / norm));
  });
  const correlations = new Float64Array(classes * classes);
  for (const [i, first] of columns.entries()) {
    for (let j = i; j < classes; j++) {
      const second = columns[j]!;
      let sum = 0;
      for (let image = 0; image < images; image++) sum += first[image]! * second[image]!;
      correlations[i * classes + j] = sum;
      correlations[j * classes + i] = sum;
    }
  }
  return correlations;
}

export interface NeighborCorrelation {
  /** Mean correlation of two classes that follow each other. */
  readonly observed: number;
  /** Mean over all pairs: what an order without meaning has in the mean. */
  readonly expected: number;
  /** Share of random orders whose neighbors are as alike or more, the real one counted with them. */
  readonly p: number;
}

const ORDER_STREAM = 17;

/**
 * A permutation test: are classes that follow each other more alike than chance has it?
 *
 * @param correlations `classes x classes`, symmetric, in the order of the classes; at least two
 */
export function neighborCorrelation(correlations: Float64Array, classes: number, deals = 2000): NeighborCorrelation {
  const random = Random.stream(1, ORDER_STREAM);
  const order = Int32Array.from({ length: classes }, (_, label) => label);
  const mean = (): number => {
    let sum = 0;
    for (let k = 1; k < classes; k++) sum += correlations[order[k - 1]! * classes + order[k]!]!;
    return sum / (classes - 1);
  };
  const observed = mean();
  let asAlike = 1;
  // Sums of the same correlations in another order differ in the last bits.
  for (let deal = 0; deal < deals; deal++) {
    random.shuffle(order);
    if (mean() >= observed - 1e-12) asAlike++;
  }
  const pairs = pairsByCorrelation(correlations, classes);
  const expected = pairs.reduce((sum, { correlation }) => sum + correlation, 0) / pairs.length;
  return { observed, expected, p: asAlike / (deals + 1) };
}

/** Two classes, by their places. */
export interface ClassPair {
  readonly first: number;
  readonly second: number;
  readonly correlation: number;
}

/** Every two classes, the most alike first. */
export function pairsByCorrelation(correlations: Float64Array, classes: number): readonly ClassPair[] {
  const pairs: ClassPair[] = [];
  for (let first = 0; first < classes; first++) {
    for (let second = first + 1; second < classes; second++) {
      pairs.push({ first, second, correlation: correlations[first * classes + second]! });
    }
  }
  return pairs.sort((a, b) => b.correlation - a.correlation || a.first - b.first);
}
