/** @file The settings of gradient ascent, with the published sets. */

import { z } from 'zod';
import type { Settings } from '../../settings/settings.ts';

const share = z.number().min(0).lt(1);

/** How an image is moved up the score of a class. Lengths are in units of the pixel range [0, 1]. */
export const ASCENT_SETTINGS = z.object({
  steps: z.int().min(1).max(1_000_000).default(500).describe('steps that each image may take'),
  starts: z.int().min(1).max(10_000).default(4).describe('ascents for each class, of which the best one counts'),
  target: z
    .number()
    .min(0)
    .max(1)
    .default(0.9999)
    .describe('an ascent ends when the 8-bit images of its classes have this confidence'),
  decay: z.number().min(0).max(1).default(0).describe('share by which the image shrinks to the origin at each step'),
  early: z.number().min(0).default(0.02).describe('a step aims to raise the probability by this much at most'),
  late: z.number().min(0).default(0.1).describe('and by this share of what is missing to 1'),
  maxStep: z
    .number()
    .gt(0)
    .default(0.05)
    .describe('longest step, as root mean square over the pixel values; an unlikely class has a flat score'),
  startDeviation: z.number().min(0).default(1).describe('deviation of the noise at the start, in levels of 1/255'),
  blurRadius: z.number().min(0).default(0).describe('Gaussian blur of this many pixels; 0 for none'),
  blurEvery: z.int().min(1).default(2).describe('steps from one blur to the next'),
  smallNorm: share.default(0).describe('share of pixels of smallest norm set to the origin after each step'),
  smallBenefit: share.default(0).describe('share of pixels of smallest benefit set to the origin after each step'),
});

/** Settings of gradient ascent, all of them. */
export type AscentSettings = z.output<typeof ASCENT_SETTINGS>;

/**
 * The four settings of the authors' released code (Nguyen, Yosinski and Clune 2015). How often `sparse` blurs is not
 * stated there; it blurs as often as `blur` here.
 */
export const ASCENT_PRESETS = {
  plain: { steps: 500, decay: 0, early: 0.02, late: 0.1 },
  decay: { steps: 1500, decay: 0.01, early: 0.03, late: 0.02 },
  blur: { steps: 1000, decay: 0.001, early: 0.03, late: 0.05, blurRadius: 0.4, blurEvery: 2 },
  sparse: {
    steps: 1500,
    decay: 0.001,
    early: 0.03,
    late: 0.05,
    blurRadius: 0.3,
    blurEvery: 2,
    smallNorm: 0.2,
    smallBenefit: 0.2,
  },
} as const satisfies Readonly<Record<string, Settings>>;

/** Name of a published set of settings. */
export type AscentPreset = keyof typeof ASCENT_PRESETS;
