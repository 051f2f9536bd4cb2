/** @file Images of one color. */

import type { ImageShape } from '../image/images.ts';
import { type GarbageSource, paintEach } from './source.ts';

const GREYS = 16;

/** Red, green, blue, yellow, magenta and cyan, as bits of red, green and blue. */
const PRIMARIES = [0b100, 0b010, 0b001, 0b110, 0b101, 0b011];

/** An all-black image. */
export const black = flat('black', 0);

/** An all-white image. */
export const white = flat('white', 255);

/** Greys evenly between black and white, neither of them included: `255 i / 17`, rounded. */
export const grey: GarbageSource = {
  name: 'grey',
  title: 'plain grey',
  summary: `${GREYS} greys between black and white, each image all of one`,
  kind: 'constant',
  most: () => GREYS,
  make: (shape, count) =>
    paintEach(shape, count, (image, index) => {
      image.fill(Math.round((255 * (index + 1)) / (GREYS + 1)));
    }),
};

/** Images all of one of the colors in the corners of the cube of red, green and blue. There are none in grey. */
export const primaryColors: GarbageSource = {
  name: 'primary-colors',
  title: 'primary colors',
  summary: 'red, green, blue, yellow, magenta and cyan, each image all of one',
  kind: 'constant',
  most: ({ channels }) => (channels === 3 ? PRIMARIES.length : 0),
  make: (shape, count) =>
    paintEach(shape, count, (image, index) => {
      const plane = image.length / 3;
      for (let channel = 0; channel < 3; channel++) {
        const isOn = (PRIMARIES[index]! >> (2 - channel)) & 1;
        image.fill(255 * isOn, channel * plane, (channel + 1) * plane);
      }
    }),
};

function flat(name: string, level: number): GarbageSource {
  return {
    name,
    title: `plain ${name}`,
    summary: `an all-${name} image`,
    kind: 'constant',
    most: () => 1,
    make: (shape: ImageShape, count) => paintEach(shape, count, (image) => image.fill(level)),
  };
}
