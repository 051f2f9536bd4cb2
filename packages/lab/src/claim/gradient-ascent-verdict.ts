import { type Condition, type Decision, decide, reached } from '../finding/verdict.ts';

/** The confidence of the claim. */
export const TARGET = 0.9999;

/** Images of evolution stand for fooling images from this median confidence on. */
const FOOLING = 0.99;

/** What ascents and evolution came to. */
export interface AscentOutcome {
  /** Confidence of the median class, with the best of the settings. */
  readonly median: number;
  /** How many of the published settings were tried, and the share of their published steps that was taken. */
  readonly presets: number;
  readonly share: number;
  /** Of the evolved CPPN images that the others are compared with. */
  readonly evolvedMedian: number;
  /** Of the difference in the share of power at high frequencies. */
  readonly p: number;
}

/** Settings in the code of the authors. */
const PUBLISHED_PRESETS = 4;

/** The verdict on gradient ascent. A confidence that shorter ascents miss is open. */
export function ascentVerdict({ median, presets, share, evolvedMedian, p }: AscentOutcome): Decision {
  const efforts = [
    { done: presets, published: PUBLISHED_PRESETS, what: 'published settings' },
    { done: Math.round(100 * share), published: 100, what: 'percent of their steps' },
  ];
  const different: Condition =
    evolvedMedian < FOOLING
      ? { lacking: 'the CPPN images to compare with do not fool the median class yet' }
      : { holds: p < 0.01 };
  return decide([reached(median >= TARGET, ...efforts), different]);
}
