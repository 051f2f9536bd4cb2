/** @file Digits drawn a few at a time, so that Ctrl-C is heard meanwhile: tens of thousands take many seconds. */

import { type Dataset, drawDigits } from '@pareidolia/core';

/** Takes about a tenth of a second. */
const AT_A_TIME = 1000;

/**
 * The same as `drawDigits`, which says what the arguments are.
 *
 * @throws the signal's reason, once it is aborted
 */
export async function drawDigitsInParts(
  count: number,
  seed: number,
  first = 0,
  signal?: AbortSignal,
): Promise<Dataset> {
  const { images, labels, ...common } = drawDigits(0, seed, first);
  const size = images.channels * images.height * images.width;
  const whole = {
    ...common,
    images: { ...images, count, data: new Uint8Array(count * size) },
    labels: new Int32Array(count),
  };
  for (let from = 0; from < count; from += AT_A_TIME) {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const part = drawDigits(Math.min(AT_A_TIME, count - from), seed, first + from);
    whole.images.data.set(part.images.data, from * size);
    whole.labels.set(part.labels, from);
  }
  return whole;
}
