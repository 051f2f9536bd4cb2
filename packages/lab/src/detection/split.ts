/** @file The halves of real images: one that detectors are fitted to, and one that they are measured on. */

import { type LabelledImages, Random } from '@pareidolia/core';

const SPLIT_STREAM = 0x73706c69;

/** Real images, with their places in what they come from. */
export interface PlacedImages extends LabelledImages {
  readonly places: readonly number[];
}

/** Which places are for fitting: half of them, by the seed. */
export function splitOf(count: number, seed: number): readonly boolean[] {
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  const chosenPlaces = Random.stream(seed, SPLIT_STREAM)
    .shuffle(order)
    .subarray(0, Math.ceil(count / 2));
  const isFitted = new Array<boolean>(count).fill(false);
  for (const place of chosenPlaces) isFitted[place] = true;
  return isFitted;
}

/** The images of some places. */
export async function* chosen(
  batches: AsyncIterable<PlacedImages>,
  isChosen: (place: number) => boolean,
): AsyncGenerator<LabelledImages> {
  for await (const { images, labels, places } of batches) {
    const rows = places.flatMap((place, row) => (isChosen(place) ? [row] : []));
    if (rows.length === 0) continue;
    const size = images.data.length / images.count;
    const data = new Uint8Array(rows.length * size);
    rows.forEach((row, at) => {
      data.set(images.data.subarray(row * size, (row + 1) * size), at * size);
    });
    yield { images: { ...images, count: rows.length, data }, labels: labels && rows.map((row) => labels[row]!) };
  }
}
