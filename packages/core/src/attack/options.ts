/** @file What can be asked of an attack on images. */

import type { FloatImages, Images } from '../image/images.ts';
import type { Settings } from '../settings/settings.ts';
import type { DriveOptions } from './engine/drive.ts';
import type { ExpectationSettings } from './engine/expectation.ts';
import type { KnownStart } from './engine/sample.ts';
import type { Norm } from './norm.ts';

/** How images are attacked. */
export interface AttackOptions extends DriveOptions {
  /** The attack's own when absent. */
  readonly norm?: Norm;
  /**
   * Radii of the ball, pixels in [0, 1], each a result of its own. When absent the smallest that succeeds is searched for, by
   * universal attacks their default is taken. Attacks that minimize need none: what they find counts where it is inside.
   * Each is in 0 .. the length of the box [0, 1]^size in the norm.
   */
  readonly epsilons?: readonly number[];
  /**
   * Whether each epsilon is attacked for itself, as if it were the only one: with the same random numbers, a budget of its own, and
   * nothing taken over from smaller balls. A result is then the same whatever other epsilons are asked for; it may be that
   * an image falls in a ball and withstands in a larger one. No by default: what was found in a smaller ball counts in the larger
   * ones, which costs less and finds no less.
   */
  readonly independent?: boolean;
  /** For each image the class it is to be taken for; untargeted when absent. */
  readonly targets?: Int32Array;
  /**
   * Images that attacks which see decisions only may begin at, where they aim at a class or noise does not do, and those whose
   * setting `start` says so; the same for all. Their decisions are asked for once, outside of the budgets; or before, by `knownStarts`.
   */
  readonly starts?: Images | FloatImages | readonly KnownStart[];
  /** Changes to the attack's settings, by name; the others have their defaults. */
  readonly settings?: Settings;
  /** A safe integer. The same seed gives the same images, whatever the batch. */
  readonly seed: number;
  /**
   * Number of the first image, where these are a part of all; 0 when absent. An image's random numbers depend on the seed
   * and its number alone, so that parts come to the same as the whole.
   */
  readonly first?: number;
  /** Transformations that images have to survive; each query is made over several of them. Not for universal attacks. */
  readonly expectation?: ExpectationSettings;
  /** Whether only images that a file can hold count: what rounding to 8 bits breaks is repaired. */
  readonly quantize: boolean;
}
