import type { Evolved } from '@pareidolia/core';

/** One network of the series, and how it was fooled. */
export interface Round {
  /** Training images, those of the added class among them, and the same as a share of all. */
  readonly added: number;
  readonly share: number;
  readonly accuracy: number;
  /** Share of the clean test images that are taken for the added class. */
  readonly mistaken: number;
  /** Share of unseen fooling images of the network before that are put in the added class. */
  readonly recognized: number | undefined;
  readonly searches: readonly Evolved[];
  readonly generations: readonly (number | undefined)[];
}
