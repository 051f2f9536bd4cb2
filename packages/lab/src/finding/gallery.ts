import type { ImageShape } from '@pareidolia/core';

/** One image with the text under it. */
export interface Picture {
  readonly shape: ImageShape;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
  /** What the image is or shows: the name of its class, in most galleries. */
  readonly label: string;
  /** A second line, for example the confidence. */
  readonly note: string;
}

/** Images in a grid, in their order. */
export interface Gallery {
  readonly title: string;
  readonly caption: string;
  readonly pictures: readonly Picture[];
}
