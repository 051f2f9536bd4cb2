/** @file What is bred: how children are made of genomes, and how a genome looks. */

import type { Change } from '@pareidolia/core';
import type { Child } from '@pareidolia/studio';
import type { Seedling } from '../../session.svelte.ts';

/** Children on a screen. */
export const CHILDREN = 15;

export interface Stock {
  /** CPPNs, which draw patterns, or latents, of which a generator makes images. */
  readonly kind: Seedling['kind'];
  /**
   * Children of parents, or of nothing where there are none.
   *
   * @param goal the class that they are to be taken for, if there is one
   * @returns nothing where the engine refused; the user has been told
   */
  screen(
    parents: readonly Uint8Array[],
    seed: number,
    change: Change,
    goal?: number,
  ): Promise<readonly Child[] | undefined>;
  /** A genome as it would be on the screen. */
  look(genome: Uint8Array): Promise<Child | undefined>;
}
