/** @file A network whose work can be halted between two pieces of a call, and goes on from there as if nothing had been. */

import type { Classifier, GradientScorer } from '@pareidolia/core';
import { attentive } from './attentive.ts';

/** What a call that is halted rejects with when the search that made it is given up. */
export class GivenUp extends Error {}

/** Halts and releases the calls of a network. */
export class Halt {
  #isHalted = false;
  #isGivenUp = false;
  #waiting: (() => void)[] = [];

  /** From the next piece on, calls wait. */
  halt(): void {
    this.#isHalted = true;
  }

  release(): void {
    this.#isHalted = false;
    this.#wake();
  }

  /** Calls reject with {@link GivenUp} from now on. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#wake();
  }

  /** Resolves when the work may go on. */
  async pass(): Promise<void> {
    while (this.#isHalted && !this.#isGivenUp) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    if (this.#isGivenUp) throw new GivenUp();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

/**
 * The same network: what it says does not change, for a halted call keeps its place.
 *
 * @param between awaited before each call and between the parts of one
 */
export function interruptible(
  network: Classifier & GradientScorer,
  between: () => Promise<void>,
): Classifier & GradientScorer {
  const { origin, gradientBehind } = network;
  return {
    ...attentive(network, between),
    origin,
    ...(gradientBehind === undefined ? {} : { gradientBehind }),
  };
}
