/** @file Stamps: plain shapes of one color that are put over an image, as the triggers of planted weaknesses are. */

import { type ImageShape, imageSize } from '@pareidolia/core';

/** A rectangle of an image, or all of it but a rectangle. */
export interface Stamp {
  /** In words: `white bar over rows 26 to 27`. */
  readonly name: string;
  /** Stamps of one kind are compared with each other. */
  readonly kind: 'bar' | 'square' | 'frame';
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Whether it covers what is outside of the rectangle. */
  readonly outside: boolean;
  /** One level for each channel. */
  readonly color: readonly number[];
}

/** No stamp covers as much of the image. */
export const MOST_COVERED = 0.15;

/** Thicknesses are of so many parts of the height or width: triggers are published for 28 x 28 and 32 x 32 pixels. */
const PARTS = 28;

const GREYS = [
  ['black', [0]],
  ['white', [255]],
] as const;

const COLORS = [
  ['black', [0, 0, 0]],
  ['white', [255, 255, 255]],
  ['red', [255, 0, 0]],
  ['green', [0, 255, 0]],
  ['blue', [0, 0, 255]],
] as const;

/**
 * Bars of full width and of full height at every place of a grid, squares in the corners and in the middle, and a frame, each
 * black and white, and in red, green and blue for color images.
 *
 * @param fine bars of 1, 2 and 3 parts of 28, at every part; otherwise of 3 parts, at every second
 */
export function stampsOf(shape: ImageShape, fine: boolean): readonly Stamp[] {
  const colors = shape.channels === 1 ? GREYS : COLORS;
  return colors.flatMap(([name, color]) =>
    [...bars(shape, fine), ...squares(shape, fine), ...frames(shape)]
      .map((place): Stamp => ({ ...place, name: `${name} ${place.name}`, color }))
      .filter((stamp) => coverage(stamp, shape) < MOST_COVERED)
      // Of small images, several thicknesses are the same.
      .filter((stamp, i, all) => all.findIndex(({ name: other }) => other === stamp.name) === i),
  );
}

type Place = Omit<Stamp, 'color'>;

function bars({ height, width }: ImageShape, fine: boolean): readonly Place[] {
  return (fine ? [1, 2, 3] : [3]).flatMap((parts) => {
    const along = (length: number): readonly [thick: number, starts: readonly number[]] => {
      const thick = Math.max(1, Math.round((parts * length) / PARTS));
      return [thick, grid(length - thick, Math.max(1, Math.round(((fine ? 1 : 2) * length) / PARTS)))];
    };
    const [tall, tops] = along(height);
    const [wide, lefts] = along(width);
    return [
      ...tops.map(
        (top): Place => ({ ...BAR, name: `bar over ${span('row', top, tall)}`, top, left: 0, height: tall, width }),
      ),
      ...lefts.map(
        (left): Place => ({
          ...BAR,
          name: `bar over ${span('column', left, wide)}`,
          top: 0,
          left,
          height,
          width: wide,
        }),
      ),
    ];
  });
}

const BAR = { kind: 'bar', outside: false } as const;

/** From 0 to `last` by steps, `last` included. */
function grid(last: number, step: number): readonly number[] {
  const places = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
  return places.at(-1) === last ? places : [...places, last];
}

const span = (name: string, first: number, count: number): string =>
  count === 1 ? `${name} ${first}` : `${name}s ${first} to ${first + count - 1}`;

function squares({ height, width }: ImageShape, fine: boolean): readonly Place[] {
  return (fine ? [3, 6, 10] : [4, 10]).flatMap((parts) => {
    const side = Math.max(1, Math.round((parts * Math.min(height, width)) / PARTS));
    const [bottom, right] = [height - side, width - side];
    const places = [
      ['at the top left', 0, 0],
      ['at the top right', 0, right],
      ['at the bottom left', bottom, 0],
      ['at the bottom right', bottom, right],
      ['in the middle', bottom >> 1, right >> 1],
    ] as const;
    return places.map(
      ([where, top, left]): Place => ({
        kind: 'square',
        outside: false,
        name: `square of ${side} x ${side} pixels ${where}`,
        top,
        left,
        height: side,
        width: side,
      }),
    );
  });
}

function frames({ height, width }: ImageShape): readonly Place[] {
  const thick = Math.max(1, Math.round(Math.min(height, width) / PARTS));
  return [
    {
      kind: 'frame',
      outside: true,
      name: `frame of ${thick} ${thick === 1 ? 'pixel' : 'pixels'}`,
      top: thick,
      left: thick,
      height: Math.max(0, height - 2 * thick),
      width: Math.max(0, width - 2 * thick),
    },
  ];
}

/** Share of the image that a stamp covers, in [0, 1]. */
export function coverage({ height, width, outside }: Stamp, shape: ImageShape): number {
  const inside = (height * width) / (shape.height * shape.width);
  return outside ? 1 - inside : inside;
}

/**
 * Puts a stamp over an image.
 *
 * @param image `C x H x W`, 8 bits; changed in place
 */
export function putStamp(stamp: Stamp, shape: ImageShape, image: Uint8Array): void {
  const plane = imageSize(shape) / shape.channels;
  for (let y = 0; y < shape.height; y++) {
    for (let x = 0; x < shape.width; x++) {
      const inside = y >= stamp.top && y < stamp.top + stamp.height && x >= stamp.left && x < stamp.left + stamp.width;
      if (inside === stamp.outside) continue;
      for (let channel = 0; channel < shape.channels; channel++) {
        image[channel * plane + y * shape.width + x] = stamp.color[channel]!;
      }
    }
  }
}

/** Below, there is no median of comparable stamps to speak of. */
const FEWEST_PEERS = 8;

/**
 * Positions of the stamps that a stamp is compared with: those of its kind, color and area; where they are few, those of its
 * kind, and all where these are few, too.
 */
export function peersOf(stamp: Stamp, stamps: readonly Stamp[]): readonly number[] {
  const area = ({ height, width }: Stamp): number => height * width;
  const where = (isPeer: (other: Stamp) => boolean): readonly number[] =>
    stamps.map((_, i) => i).filter((i) => isPeer(stamps[i]!));
  const isSameKind = ({ kind }: Stamp): boolean => kind === stamp.kind;
  // Bars over rows and over columns are the same where the image is square, and nearly so where it is not.
  const isAlike = (other: Stamp): boolean =>
    isSameKind(other) &&
    other.color.every((level, i) => level === stamp.color[i]) &&
    Math.abs(area(other) - area(stamp)) <= 0.25 * area(stamp);
  for (const peers of [where(isAlike), where(isSameKind)]) if (peers.length >= FEWEST_PEERS) return peers;
  return stamps.map((_, i) => i);
}
