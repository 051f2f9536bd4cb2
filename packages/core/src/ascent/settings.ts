/** @file The settings of gradient ascent, with the published sets. */

/** How an image is moved up the score of a class. Lengths are in units of the pixel range [0, 1]. */
export interface AscentSettings {
  readonly steps: number;
  /** The image shrinks towards the origin by this share after each step. */
  readonly decay: number;
  /** A step aims to raise the probability by this much at most ... */
  readonly early: number;
  /** ... and by this share of what is missing to 1. */
  readonly late: number;
  /**
   * Longest step, as root mean square over the pixel values. The score of an unlikely class is so flat that the aim
   * alone would leap out of the image.
   */
  readonly maxStep: number;
  /** Standard deviation, in grey levels of 1/255, of the noise that an image starts from. */
  readonly startDeviation: number;
  /** Gaussian blur of this radius in pixels, every so many steps. */
  readonly blur?: { readonly radius: number; readonly every: number };
  /** Share of pixels set to the origin after each step, those of smallest norm. */
  readonly smallNorm?: number;
  /** Share of pixels set to the origin after each step, those of smallest benefit. */
  readonly smallBenefit?: number;
}

const COMMON = { maxStep: 0.05, startDeviation: 1 } as const;

/**
 * The four settings of the authors' released code (Nguyen, Yosinski and Clune 2015). How often `sparse` blurs is not
 * stated there; it blurs as often as `blur` here.
 */
export const ASCENT_PRESETS = {
  plain: { ...COMMON, decay: 0, steps: 500, early: 0.02, late: 0.1 },
  decay: { ...COMMON, decay: 0.01, steps: 1500, early: 0.03, late: 0.02 },
  blur: { ...COMMON, decay: 0.001, steps: 1000, early: 0.03, late: 0.05, blur: { radius: 0.4, every: 2 } },
  sparse: {
    ...COMMON,
    decay: 0.001,
    steps: 1500,
    early: 0.03,
    late: 0.05,
    blur: { radius: 0.3, every: 2 },
    smallNorm: 0.2,
    smallBenefit: 0.2,
  },
} as const satisfies Record<string, AscentSettings>;

export type AscentPreset = keyof typeof ASCENT_PRESETS;
