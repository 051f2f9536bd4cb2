/** @file Latents as stock: what a generator makes of them, by mutation of their numbers. */

import type { Change } from '@pareidolia/core';
import type { Child, StudioGenerator, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';
import { CHILDREN, type Stock } from './stock.ts';

export class LatentStock implements Stock {
  readonly kind = 'latents';
  readonly #session: Session;
  readonly #ids: { readonly model: string; readonly generator: string };

  constructor(session: Session, model: StudioModel, generator: StudioGenerator) {
    this.#session = session;
    this.#ids = { model: model.id, generator: generator.id };
  }

  async screen(parents: readonly Uint8Array[], seed: number, change: Change, goal?: number) {
    const request = {
      ...this.#ids,
      parents: [...parents],
      count: CHILDREN,
      seed,
      change,
      ...(goal === undefined ? {} : { goal }),
    };
    return (await this.#session.ask('latents.screen', request))?.children;
  }

  async look(genome: Uint8Array): Promise<Child | undefined> {
    return (await this.#session.ask('latents.look', { ...this.#ids, latents: genome }))?.children[0];
  }
}
