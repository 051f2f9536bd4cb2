/** @file What became of all images together. */

import { isRobust, isUndecided, type Norm } from '@pareidolia/core';
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
  /** Whether the detector refuses the original, so that it was not attacked; absent where there is no detector. */
  readonly initiallyRefused?: boolean;
  readonly predicted: number | null;
  readonly decision: number | null;
  /** The probability of `decision` for the 8-bit image; `null` where none was found. */
  readonly confidence: number | null;
  readonly distances: { readonly l0: number; readonly l1: number; readonly l2: number; readonly linf: number } | null;
  readonly queries: { readonly forward: number; readonly backward: number };
  /** Of the forward passes, those whose decision was not the label; `null` where they are not counted. */
  readonly misread: number | null;
  readonly survives8Bit: boolean;
  readonly stop: string;
  /** What cut the search short, also where it had found something by then. */
  readonly cut: string | null;
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
  /** Wrong, or refused, as they are. */
  readonly initiallyWrong: number;
  /** Of these, those that the detector refuses; absent where there is none. */
  readonly initiallyRefused?: number;
  /** Found for images that the network had right. */
  readonly adversarial: number;
  /** Of these, those that are still adversarial as 8-bit files. */
  readonly surviving: number;
  /** Images that the network had right and still has: at most so many withstand every attack, and those without an answer. */
  readonly robust: number;
  /** `robust` as a share of all images. */
  readonly accuracy: number;
  /** Images for which outputs were not finite before anything was found, by name: neither robust nor adversarial. */
  readonly notFinite: readonly string[];
  /** The number of these whose original has no finite outputs: neither right nor wrong. */
  readonly unpredicted: number;
  /** Images at which the search ended for want of a finite gradient before anything was found, by name: likewise. */
  readonly gradientNotFinite: readonly string[];
  /** Of the adversarial images, in the attack's norm; `null` where there are none. */
  readonly meanDistance: number | null;
  readonly medianDistance: number | null;
  readonly meanForward: number;
  readonly meanBackward: number;
  /** Forward passes whose decision was not the label: what someone who watches the decisions may see; `null` where not counted. */
  readonly meanMisread: number | null;
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
  const tried = lines.filter(({ initiallyWrong, predicted }) => !initiallyWrong && predicted !== null);
  const counted = tried.flatMap(({ misread }) => misread ?? []);
  const robust = lines.filter(isRobust).length;
  const undecided = lines.filter(isUndecided);
  const named = (reason: string): string[] => undecided.filter(({ stop }) => stop === reason).map(({ name }) => name);
  return {
    attack,
    norm,
    epsilon,
    images: lines.length,
    initiallyWrong: wrong,
    ...(lines.some(({ initiallyRefused }) => initiallyRefused !== undefined)
      ? { initiallyRefused: lines.filter(({ initiallyRefused }) => initiallyRefused === true).length }
      : {}),
    adversarial: found.length,
    surviving: found.filter(({ survives8Bit }) => survives8Bit).length,
    robust,
    accuracy: robust / lines.length,
    notFinite: named('not finite'),
    unpredicted: undecided.filter(({ predicted }) => predicted === null).length,
    gradientNotFinite: named('gradient not finite'),
    meanDistance: lengths.length === 0 ? null : mean(lengths),
    medianDistance: lengths.length === 0 ? null : median(lengths),
    meanForward: tried.length === 0 ? 0 : mean(tried.map(({ queries }) => queries.forward)),
    meanBackward: tried.length === 0 ? 0 : mean(tried.map(({ queries }) => queries.backward)),
    meanMisread: counted.length === 0 ? null : mean(counted),
    seconds,
  };
}

/** Images of which nobody knows whether they withstand. */
export function undecidedOf({ notFinite, gradientNotFinite }: AttackSummary): number {
  return notFinite.length + gradientNotFinite.length;
}

/** Names that a sentence lists at most. */
const MOST_NAMED = 10;

/** The first names, and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more <= 0 ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more`;
}

/** `3 images without an answer (outputs not finite): a, b, c`; `undefined` where all have one. */
export function describeUndecided({ notFinite, gradientNotFinite }: AttackSummary): string | undefined {
  const kinds = [
    ['outputs', notFinite],
    ['gradients', gradientNotFinite],
  ] as const;
  const parts = kinds
    .filter(([, names]) => names.length > 0)
    .map(
      ([what, names]) =>
        `${names.length} image${names.length === 1 ? '' : 's'} without an answer (${what} not finite): ${nameSome(names)}`,
    );
  return parts.length === 0 ? undefined : parts.join('; ');
}
