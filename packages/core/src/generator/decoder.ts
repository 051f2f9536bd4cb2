/** @file From latent vectors to 8-bit images of a classifier's shape. */

import { InputError } from '../errors.ts';
import { type ImageShape, imageSize, toBytes } from '../image/images.ts';
import type { Runtime, Session } from '../runtime/runtime.ts';
import type { LatentSpace } from './latent-space.ts';

/** Names in a decoder's graph. */
export const DECODER = { latents: 'latents', pixels: 'pixels' } as const;

/** A decoder as plain data: it can be sent to another thread. */
export interface DecoderSpec {
  /** Name of the generator, for errors. */
  readonly where: string;
  readonly latents: LatentSpace;
  /** Of the images that it makes. */
  readonly shape: ImageShape;
  /** A serialized graph: latents `N x dimension` in, pixels in [0, 1] `N x C x H x W` out. */
  readonly graph: Uint8Array;
}

/** Makes 8-bit images of latents. Opens its session at the first call. */
export class Decoder {
  readonly spec: DecoderSpec;
  readonly #runtime: Runtime;
  #session: Promise<Session> | undefined;

  constructor(spec: DecoderSpec, runtime: Runtime) {
    this.spec = spec;
    this.#runtime = runtime;
  }

  /**
   * Decodes vectors one at a time on one thread of the CPU, so that an image depends on its vector alone: never on those beside it,
   * on a batch's size or on the number of threads.
   *
   * @param latents each of the space's dimension
   * @param images receives `latents.length x C x H x W` values
   * @throws InputError where the generator gives a value that is not finite
   */
  async decode(latents: readonly Float32Array[], images: Uint8Array): Promise<void> {
    const { shape, where } = this.spec;
    const size = imageSize(shape);
    this.#session ??= this.#open();
    const session = await this.#session;
    for (const [row, latent] of latents.entries()) {
      const feeds = { [DECODER.latents]: { type: 'float32', data: latent, dims: [1, latent.length] } } as const;
      const { data } = (await session.run(feeds))[DECODER.pixels]!;
      const pixels = data as Float32Array;
      // What is clipped is finite, unless it was no number.
      if (pixels.some(Number.isNaN)) {
        throw new InputError(`${where} gives a pixel that is no number (NaN); check its weights and its card`);
      }
      images.set(toBytes({ ...shape, count: 1, data: pixels }).data, row * size);
    }
  }

  /** Frees its session; another call opens it again. */
  async dispose(): Promise<void> {
    const session = await this.#session;
    this.#session = undefined;
    await session?.dispose();
  }

  async #open(): Promise<Session> {
    // Loaded here, so that what only knows of decoders starts without what reads and writes graphs.
    const [{ readModel }, { openGraph }] = await Promise.all([
      import('@pareidolia/autodiff'),
      import('../runtime/open.ts'),
    ]);
    const { session } = await openGraph(this.#runtime, readModel(this.spec.graph), { device: 'cpu', threads: 1 });
    return session;
  }
}
