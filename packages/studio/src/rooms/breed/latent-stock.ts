/** @file Latents as stock: what a generator makes of them, by mutation of their numbers. */

import type { Child, StudioGenerator, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';
import { CHILDREN, type Stock } from './stock.ts';

export class LatentStock implements Stock {
  readonly kind = 'latents';
  /** A mutation changes one number in ten, and by little: it takes more of them than of a CPPN's to see a difference. */
  readonly strengths = [1, 4, 16, 32, 64];
  /** Not used: a random latent is as good as any. */
  readonly fromNothing = 1;
  readonly #session: Session;
  readonly #ids: { readonly model: string; readonly generator: string };

  constructor(session: Session, model: StudioModel, generator: StudioGenerator) {
    this.#session = session;
    this.#ids = { model: model.id, generator: generator.id };
  }

  async screen(parents: readonly Uint8Array[], seed: number, strength: number, goal?: number) {
    const request = {
      ...this.#ids,
      parents: [...parents],
      count: CHILDREN,
      seed,
      strength,
      ...(goal === undefined ? {} : { goal }),
    };
    return (await this.#session.ask('latents.screen', request))?.children;
  }

  async look(genome: Uint8Array): Promise<Child | undefined> {
    return (await this.#session.ask('latents.look', { ...this.#ids, latents: genome }))?.children[0];
  }
}
