/** @file Patterns as stock: CPPNs, by structural mutation as in the paper. */

import type { Change } from '@pareidolia/core';
import type { Child, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';
import { CHILDREN, type Stock } from './stock.ts';

/** Side of a child on the screen, in pixels. */
const SIZE = 160;

export class PatternStock implements Stock {
  readonly kind = 'patterns';
  readonly #session: Session;
  readonly #model: StudioModel;

  constructor(session: Session, model: StudioModel) {
    this.#session = session;
    this.#model = model;
  }

  async screen(parents: readonly Uint8Array[], seed: number, change: Change, goal?: number) {
    const answer = await this.#session.ask('breed.screen', {
      model: this.#model.id,
      parents: [...parents],
      count: CHILDREN,
      seed,
      change,
      size: SIZE,
      ...(goal === undefined ? {} : { goal }),
    });
    return answer?.children;
  }

  async look(genome: Uint8Array): Promise<Child | undefined> {
    const { channels, height, width } = this.#model.shape;
    const render = (shape: StudioModel['shape']) => this.#session.ask('breed.render', { genome, shape });
    const scale = SIZE / Math.max(height, width);
    const large = { channels, height: Math.round(height * scale), width: Math.round(width * scale) };
    const [picture, own] = [await render(large), await render({ channels, height, width })];
    if (picture === undefined || own === undefined) return undefined;
    const said = await this.#session.ask('models.predict', { model: this.#model.id, images: own.planes, top: 3 });
    return said && { genome, picture, top: said.tops[0]! };
  }
}
