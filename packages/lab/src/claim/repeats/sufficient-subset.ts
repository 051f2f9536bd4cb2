import { type Classifier, imageSize } from '@pareidolia/core';

/** What is left of an image. */
export type Subset = {
  /** Patches that were kept, of all. */
  readonly kept: number;
  readonly patches: number;
  readonly confidence: number;
  /** The image with all else in the fill. */
  readonly image: Uint8Array;
};

/** Share of the patches that go in one round. */
const SHARE = 0.1;

/**
 * Takes patches away as long as the class keeps a confidence: in each round those whose loss costs least, tried one by one,
 * a tenth of the rest at a time, and one at a time when a tenth is too many.
 *
 * @param planes one image, 8 bits
 * @param fill what is put in the place of a patch, one level for each channel
 * @param side of a patch, in pixels
 */
export async function sufficientSubset(
  network: Classifier,
  planes: Uint8Array,
  {
    label,
    bound,
    side,
    fill,
  }: { readonly label: number; readonly bound: number; readonly side: number; readonly fill: readonly number[] },
  pause: () => Promise<void>,
): Promise<Subset> {
  const { channels, height, width } = network.shape;
  const size = imageSize(network.shape);
  const [down, across] = [Math.ceil(height / side), Math.ceil(width / side)];
  const patches = down * across;
  const erase = (image: Uint8Array, patch: number): void => {
    const [top, left] = [Math.floor(patch / across) * side, (patch % across) * side];
    for (let channel = 0; channel < channels; channel++) {
      for (let row = top; row < Math.min(height, top + side); row++) {
        const start = channel * height * width + row * width;
        image.fill(fill[channel]!, start + left, start + Math.min(width, left + side));
      }
    }
  };
  const score = async (images: readonly Uint8Array[]): Promise<number[]> => {
    await pause();
    const data = new Uint8Array(images.length * size);
    images.forEach((image, row) => {
      data.set(image, row * size);
    });
    const scores = await network.predict({ ...network.shape, count: images.length, data }, pause);
    return images.map((_, row) => scores.data[row * scores.numClasses + label]!);
  };

  let image = planes.slice();
  let left = Array.from({ length: patches }, (_, index) => index);
  let [confidence] = (await score([image])) as [number];
  for (let share = SHARE; left.length > 1; ) {
    const trials = await score(
      left.map((patch) => {
        const trial = image.slice();
        erase(trial, patch);
        return trial;
      }),
    );
    const order = [...left.keys()].sort((a, b) => trials[b]! - trials[a]! || a - b);
    const go = order.slice(0, Math.max(1, Math.floor(share * left.length)));
    const next = image.slice();
    for (const place of go) erase(next, left[place]!);
    const [after] = (await score([next])) as [number];
    if (after < bound) {
      if (go.length === 1) break;
      share = 0;
      continue;
    }
    const gone = new Set(go);
    left = left.filter((_, place) => !gone.has(place));
    [image, confidence] = [next, after];
  }
  return { kept: left.length, patches, confidence, image };
}
