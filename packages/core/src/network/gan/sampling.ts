/** @file Images that a generator made here makes. */

import type { Model } from '@pareidolia/autodiff';
import type { LatentDistribution } from '../../generator/card.ts';
import type { ImageShape, Images } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { openGraph } from '../../runtime/open.ts';
import type { Runtime, SessionOptions } from '../../runtime/runtime.ts';
import { classTensor } from '../../runtime/tensors.ts';
import { GAN_NAMES } from './architectures/architecture.ts';
import { latentDimension, latentTensor } from './trainer.ts';

/** Images to look at come from a stream of random numbers of their own. */
const SAMPLE_STREAM = 0x67616e73;

/** Images made at a time. */
const AT_A_TIME = 100;

/** What is generated. */
export interface GanSamples {
  readonly count: number;
  /** The same seed and place give the same latent vector. */
  readonly seed: number;
  readonly latents: LatentDistribution;
  /** Of a conditional generator: how many classes; the images are of class 0, 1, ... in turn. */
  readonly classes?: number | undefined;
  /** What black and white are in its output; [-1, 1] when absent. */
  readonly range?: readonly [black: number, white: number];
}

/** Images of random latent vectors; pixels beyond black and white are clipped. */
export async function generateImages(
  generator: Model,
  shape: ImageShape,
  { count, seed, latents, classes, range: [black, white] = [-1, 1] }: GanSamples,
  runtime: Runtime,
  options: SessionOptions,
): Promise<Images> {
  const { session } = await openGraph(runtime, generator, options);
  const { channels, height, width } = shape;
  const size = channels * height * width;
  const data = new Uint8Array(count * size);
  const dimension = latentDimension(generator);
  try {
    for (let from = 0; from < count; from += AT_A_TIME) {
      const some = Math.min(AT_A_TIME, count - from);
      const random = Random.stream(seed, SAMPLE_STREAM, from / AT_A_TIME);
      const labels = Int32Array.from({ length: some }, (_, row) => (from + row) % (classes ?? 1));
      const results = await session.run({
        [GAN_NAMES.latent]: latentTensor(some, dimension, latents, random),
        ...(classes === undefined ? {} : { [GAN_NAMES.label]: classTensor(labels) }),
      });
      const pixels = results[GAN_NAMES.image]!.data as Float32Array;
      // Rounded to the 256 levels.
      const scale = 255 / (white - black);
      pixels.forEach((value, place) => {
        data[from * size + place] = Math.round(scale * (Math.max(black, Math.min(white, value)) - black));
      });
    }
  } finally {
    await session.dispose();
  }
  return { channels, height, width, count, data };
}
