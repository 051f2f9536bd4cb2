/** @file A perturbation made visible. */

/** What the largest change is multiplied by to be full scale, in a round number. */
export function amplification(image: Uint8Array, original: Uint8Array): number {
  let largest = 0;
  for (let i = 0; i < image.length; i++) largest = Math.max(largest, Math.abs(image[i]! - original[i]!));
  return largest === 0 ? 1 : Math.max(1, Math.floor(127 / largest));
}

/** The change of each value, times a factor, around a middle grey that stands for none. */
export function amplified(image: Uint8Array, original: Uint8Array, factor: number): Uint8Array {
  return Uint8Array.from(image, (level, i) => Math.min(255, Math.max(0, 128 + factor * (level - original[i]!))));
}
