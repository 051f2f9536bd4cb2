/** @file What is bred: how children are made of genomes, and how a genome looks. */

import type { Child } from '@pareidolia/studio';
import type { Seedling } from '../../session.svelte.ts';

/** Children on a screen. */
export const CHILDREN = 15;

export interface Stock {
  /** CPPNs, which draw patterns, or latents, of which a generator makes images. */
  readonly kind: Seedling['kind'];
  /** Mutations on top of one another, from gentle to wild; as many as {@link STRENGTH_WORDS}. */
  readonly strengths: readonly number[];
  /** Mutations of a genome that is made from nothing. */
  readonly fromNothing: number;
  /**
   * Children of parents, or of nothing where there are none.
   *
   * @param goal the class that they are to be taken for, if there is one
   * @returns nothing where the engine refused; the user has been told
   */
  screen(
    parents: readonly Uint8Array[],
    seed: number,
    strength: number,
    goal?: number,
  ): Promise<readonly Child[] | undefined>;
  /** A genome as it would be on the screen. */
  look(genome: Uint8Array): Promise<Child | undefined>;
}

/** How much children change, in words. */
export const STRENGTH_WORDS = ['gentle', 'mild', 'moderate', 'strong', 'wild'] as const;
