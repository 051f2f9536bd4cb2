/** @file RayS: flips the signs of ever smaller blocks of a direction, and keeps what brings the boundary nearer. */

import { clip, defineMinimalAttack, isAdversarial, logitsOf, type Sample, type Steps, z } from '../kit.ts';

/**
 * Chen and Gu 2020, algorithms 2 and 3: directions have the signs 1 and -1 alone. One in which the boundary is no nearer than
 * the nearest so far costs one query, at that radius; else a bisection finds the new radius. Blocks are halved after each pass over
 * them. As in the authors' program the first block is the whole image.
 *
 * @param tolerance of a radius, as the L2 length of the perturbation
 */
function* flipBlocks(
  { image: original, criterion }: Sample,
  { steps, tolerance }: { readonly steps: number; readonly tolerance: number },
): Steps {
  const size = original.length;
  const signs = new Float32Array(size).fill(1);
  const reaches = function* (radius: number): Steps<boolean> {
    const image = clip(original.map((pixel, i) => pixel + radius * signs[i]!));
    return isAdversarial(criterion, yield* logitsOf(image));
  };
  // At a radius of 1 every value is at an end of the box: there is nothing beyond.
  let nearest = Number.POSITIVE_INFINITY;
  let step = 0;
  for (let level = 0; step < steps; level++) {
    const block = Math.ceil(size / 2 ** level);
    let improved = false;
    for (let from = 0; from < size && step < steps; from += block, step++) {
      flip(signs, from, from + block);
      if (yield* reaches(Math.min(1, nearest))) {
        let [low, high] = [0, Math.min(1, nearest)];
        while (high - low > tolerance / Math.sqrt(size)) {
          const middle = (low + high) / 2;
          if (yield* reaches(middle)) high = middle;
          else low = middle;
        }
        if (high < nearest) {
          nearest = high;
          improved = true;
          continue;
        }
      }
      flip(signs, from, from + block);
    }
    // Single values, none of which did: the same questions would follow again.
    if (block === 1 && !improved) return;
  }
}

function flip(signs: Float32Array, from: number, to: number): void {
  for (let i = from; i < Math.min(to, signs.length); i++) signs[i] = -signs[i]!;
}

/** RayS (Chen and Gu 2020), which sees decisions only; minimal Linf. */
export const rays = defineMinimalAttack({
  name: 'rays',
  title: 'Ray searching',
  paper: 'Chen and Gu 2020, arXiv 2006.12792',
  summary: 'flips the signs of ever smaller blocks of a direction; minimal Linf, sees decisions only',
  access: 'decisions',
  norms: ['linf'],
  targeted: false,
  settings: z.object({
    steps: z.int().min(1).default(10_000).describe('blocks whose signs are flipped'),
    tolerance: z.number().gt(0).default(0.001).describe('to which a radius is bisected, as an L2 length'),
  }),
  search: (sample, _, settings) => flipBlocks(sample, settings),
});
