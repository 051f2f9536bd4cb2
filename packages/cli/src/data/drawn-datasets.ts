/** @file Data sets that are drawn, a few examples at a time, so that Ctrl-C is heard meanwhile: tens of thousands take many seconds. */

import { type Dataset, DRAWN, type DrawnDataset, isDrawn } from '@pareidolia/core';

/** Takes about a tenth of a second, in color a second. */
const AT_A_TIME = 1000;

/** How one is drawn, where there is one of that name. */
export function drawnNamed(name: string): DrawnDataset | undefined {
  return isDrawn(name) ? DRAWN[name] : undefined;
}

/** What a network is shown where nobody says what: the drawings that it was made for, or digits. */
export function usualData(dataset: string | undefined): string {
  return isDrawn(dataset) ? dataset : 'digits';
}

/**
 * A piece of the sequence of a seed.
 *
 * @throws the signal's reason, once it is aborted
 */
export async function drawInParts(
  { draw }: DrawnDataset,
  count: number,
  seed: number,
  first = 0,
  signal?: AbortSignal,
): Promise<Dataset> {
  const { images, labels: _, ...common } = draw(0, seed, first);
  const size = images.channels * images.height * images.width;
  const whole = {
    ...common,
    images: { ...images, count, data: new Uint8Array(count * size) },
    labels: new Int32Array(count),
  };
  for (let from = 0; from < count; from += AT_A_TIME) {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const part = draw(Math.min(AT_A_TIME, count - from), seed, first + from);
    whole.images.data.set(part.images.data, from * size);
    whole.labels.set(part.labels, from);
  }
  return whole;
}
