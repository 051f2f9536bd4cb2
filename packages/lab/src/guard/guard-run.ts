/** @file What is told of a guard: plain data, the same for the same images and seed. */

import type { Interval } from '@pareidolia/core';

/** What a detector does about the images of one source. */
export interface DetectedSource {
  /** As in the audit: `uniform-noise`, `outliers`. */
  readonly name: string;
  readonly title: string;
  readonly count: number;
  /** The chance that a real image has a larger score; ties count half. */
  readonly auroc: number;
  /** 95 % interval (Hanley and McNeil 1982). */
  readonly aurocInterval: Interval;
  /** Areas under precision and recall, with the real images as positives, and with these. */
  readonly auprIn: number;
  readonly auprOut: number;
  /** The share that passes where the wanted share of real images is kept; at 0.95 it is FPR95. */
  readonly passed: number;
}

/** A detector that was fitted and tried. */
export interface TriedDetector {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly remarks: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly sources: readonly DetectedSource[];
  /** Mean over the sources of garbage; `null` where there are none. */
  readonly garbage: { readonly auroc: number; readonly passed: number } | null;
  /** What the choice is made by: the share of images stopped, mean over the sources; where there are outliers these count as much as all garbage. */
  readonly stopped: number;
  /** 95 % interval of {@link stopped}, from resampled images. */
  readonly stoppedInterval: Interval;
  /**
   * How much more the best one stops than this one, with the interval for all comparisons together; and whether chance may account
   * for it, on garbage and on outliers each by themselves, too.
   */
  readonly behind: { readonly difference: number; readonly interval: Interval; readonly isWithinChance: boolean };
  /** What folding it costs; `null` where it cannot be folded, and then {@link unfoldable} says why. */
  readonly cost: { readonly bytes: number; readonly work: number } | null;
  readonly unfoldable: string | null;
}

/** The guarded model, as it was measured on images that the choice was not made by. */
export interface GuardMeasures {
  readonly threshold: number;
  /** The threshold's 95 % interval by order statistics; `null` at an end where there are too few images to tell. */
  readonly thresholdInterval: readonly [low: number | null, high: number | null];
  /** Real images held out, and how many of them are accepted. */
  readonly real: { readonly accepted: number; readonly of: number; readonly interval: Interval };
  /** Others: how many are accepted, of each source. */
  readonly others: readonly {
    readonly name: string;
    readonly title: string;
    readonly accepted: number;
    readonly of: number;
    readonly interval: Interval | null;
  }[];
  /** The largest difference of the graph's score from that beside the network, over the largest score. */
  readonly parity: number;
}

/** All of it. */
export interface GuardRun {
  readonly detector: string;
  /** Why this one: sentences without a full stop. */
  readonly why: readonly string[];
  readonly rate: number;
  readonly seed: number;
  readonly features: string;
  readonly real: {
    readonly origin: string;
    readonly fitted: number;
    readonly heldOut: number;
    readonly isLabelled: boolean;
  };
  readonly detectors: readonly TriedDetector[];
  /** Detectors that could not be fitted, and why: sentences without a full stop. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  readonly outputs: { readonly score: string; readonly accept: string; readonly answers?: string };
  readonly measures: GuardMeasures;
  /** What else the user should know; each a sentence without a full stop. */
  readonly warnings: readonly string[];
}
