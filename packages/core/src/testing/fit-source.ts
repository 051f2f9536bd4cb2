/** @file Observations by hand, for tests of detectors. */

import type { FitSource } from '../detector/detector.ts';

/** A source in batches of three. */
export function sourceOf(
  rows: readonly {
    readonly logits: readonly number[];
    readonly features?: readonly number[];
    readonly levels?: readonly number[];
    readonly label?: number;
  }[],
  more: Partial<FitSource> = {},
): FitSource {
  const numClasses = rows[0]!.logits.length;
  return {
    count: rows.length,
    numClasses,
    classNames: Array.from({ length: numClasses }, (_, k) => `kind ${k}`),
    width: rows[0]!.features?.length ?? 0,
    levels: [],
    seed: 1,
    async *batches() {
      for (let from = 0; from < rows.length; from += 3) {
        const some = rows.slice(from, from + 3);
        yield {
          count: some.length,
          logits: Float32Array.from(some.flatMap(({ logits }) => logits)),
          features: Float32Array.from(some.flatMap(({ features = [] }) => features)),
          levels: Float32Array.from(some.flatMap(({ levels = [] }) => levels)),
          labels: Int32Array.from(some, ({ label = 0 }) => label),
        };
      }
    },
    ...more,
  };
}

/** An observation. */
export function seen(logits: readonly number[], features: readonly number[] = []) {
  return { logits: Float32Array.from(logits), features: Float32Array.from(features) };
}

/** Features of eight images of two classes, four of each. */
const FEATURES = [
  [-2.33, -0.22, -1.25],
  [-0.73, -0.54, -0.32],
  [0.41, 1.04, -0.13],
  [1.37, -0.67, 0.35],
  [2.9, 1.09, -0.74],
  [1.08, 0.54, 0.22],
  [0.99, 0.79, -0.16],
  [2.54, 1.21, 0.36],
] as const;

/** A last layer of three features and two classes. */
export const LAYER = {
  numClasses: 2,
  width: 3,
  weight: Float32Array.of(1, -2, 0.5, 0.25, 1, -1),
  bias: Float32Array.of(0.5, -0.25),
};

function logitsOf(features: readonly number[]): number[] {
  return [0, 1].map((k) => features.reduce((sum, z, i) => sum + z * LAYER.weight[3 * k + i]!, LAYER.bias[k]!));
}

/**
 * Eight images of two classes, with the layer that makes their logits. Expected scores of {@link UNKNOWN} in the tests are numpy's,
 * in double precision, by the formulas that are named there.
 */
export const EIGHT = sourceOf(
  FEATURES.map((features, row) => ({ features, logits: logitsOf(features), label: row < 4 ? 0 : 1 })),
  { layer: LAYER },
);

/** An image that is scored by what was fitted to {@link EIGHT}. */
export const UNKNOWN = seen(logitsOf([0.5, -1.25, 2]), [0.5, -1.25, 2]);
