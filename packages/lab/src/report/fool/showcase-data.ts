/** @file Images beside the elites, and whether images resemble the class that they were made for: plain data. */

/** How much an image resembles its class, and from where on it counts as resembling it; both in [0, 1]. */
export interface Likeness {
  readonly resemblance: number;
  readonly threshold: number;
}

/** How the images of a showcase are made, in the order of the page. */
export const SHOWCASE_METHODS = ['patterns', 'pixels', 'ascent'] as const;

/** One of {@link SHOWCASE_METHODS}. */
export type ShowcaseMethod = (typeof SHOWCASE_METHODS)[number];

/** One class several times: an image for each method. */
export interface ShowcaseImage extends Likeness {
  readonly method: ShowcaseMethod;
  readonly classIndex: number;
  readonly className: string;
  /** Probability of the class for the 8-bit image. */
  readonly confidence: number;
  /** The class that the network answers. */
  readonly argmaxName: string;
  readonly file: string;
  readonly png: Uint8Array;
}

/** Whether an image reaches what counts as resembling its class. */
export function isAlike({ resemblance, threshold }: Likeness): boolean {
  return resemblance >= threshold;
}

/** How the second look judges; for the headline and the page. */
export interface SecondLookReport {
  /** What it compares with, for a sentence: `the mean drawn digit`. */
  readonly against: string;
  /** Sentences on how it judges. */
  readonly how: readonly string[];
}
