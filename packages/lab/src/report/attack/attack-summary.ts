/** @file What became of all images together. */

import type { Norm } from '@pareidolia/core';
import { mean, median } from 'simple-statistics';

/** One image under one attack at one epsilon; a line of `results.jsonl`. Pixels are in [0, 1]. */
export interface SampleLine {
  readonly attack: string;
  readonly norm: Norm;
  /** `null` where the smallest distance was searched for. */
  readonly epsilon: number | null;
  readonly index: number;
  readonly name: string;
  readonly label: number;
  readonly target: number | null;
  readonly success: boolean;
  readonly initiallyWrong: boolean;
  readonly predicted: number | null;
  readonly decision: number | null;
  /** The probability of `decision` for the 8-bit image; `null` where none was found. */
  readonly confidence: number | null;
  readonly distances: { readonly l0: number; readonly l1: number; readonly l2: number; readonly linf: number } | null;
  readonly queries: { readonly forward: number; readonly backward: number };
  readonly survives8Bit: boolean;
  readonly stop: string;
  readonly by: string | null;
  /** Relative to the folder of the run; `null` where not written. */
  readonly file: string | null;
}

/** One attack at one epsilon over all images. */
export interface AttackSummary {
  readonly attack: string;
  readonly norm: Norm;
  readonly epsilon: number | null;
  readonly images: number;
  readonly initiallyWrong: number;
  /** Found for images that the network had right. */
  readonly adversarial: number;
  /** Of these, those that are still adversarial as 8-bit files. */
  readonly surviving: number;
  /** Images that the network had right and still has, as a share of all: at most so many withstand every attack. */
  readonly accuracy: number;
  /** Of the adversarial images, in the attack's norm; `null` where there are none. */
  readonly meanDistance: number | null;
  readonly medianDistance: number | null;
  readonly meanForward: number;
  readonly meanBackward: number;
  readonly seconds: number;
}

/**
 * The summary of one attack at one epsilon.
 *
 * @param lines all of that attack and epsilon, at least one
 * @param seconds that the attack took
 */
export function summarize(lines: readonly SampleLine[], seconds: number): AttackSummary {
  const { attack, norm, epsilon } = lines[0]!;
  const wrong = lines.filter(({ initiallyWrong }) => initiallyWrong).length;
  const found = lines.filter(({ success, initiallyWrong }) => success && !initiallyWrong);
  const lengths = found.map(({ distances }) => distances![norm]);
  const tried = lines.filter(({ initiallyWrong }) => !initiallyWrong);
  return {
    attack,
    norm,
    epsilon,
    images: lines.length,
    initiallyWrong: wrong,
    adversarial: found.length,
    surviving: found.filter(({ survives8Bit }) => survives8Bit).length,
    accuracy: (lines.length - wrong - found.length) / lines.length,
    meanDistance: lengths.length === 0 ? null : mean(lengths),
    medianDistance: lengths.length === 0 ? null : median(lengths),
    meanForward: tried.length === 0 ? 0 : mean(tried.map(({ queries }) => queries.forward)),
    meanBackward: tried.length === 0 ? 0 : mean(tried.map(({ queries }) => queries.backward)),
    seconds,
  };
}
