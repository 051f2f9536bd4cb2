/** @file The plane through three images of the session: lives on while other rooms are open. */

import { imageAt, type PlaneMap as Plane, type PlaneBasis, planeThrough } from '@pareidolia/core';
import type { Guess, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';

export interface Candidate {
  readonly name: string;
  readonly planes: Uint8Array;
}

/** Cells on a side: at first, and then. */
const [COARSE, FINE] = [36, 96];

/** How far the figure reaches beyond the three images. */
const MARGIN = 0.6;

export class PlaneMap {
  readonly #session: Session;
  readonly model: StudioModel;
  /** Drawn digits, and files that were opened. */
  own = $state.raw<readonly Candidate[]>([]);
  chosen = $state.raw<readonly (Candidate | undefined)[]>([undefined, undefined, undefined]);
  view = $state.raw<Plane | undefined>(undefined);
  problem = $state<string | undefined>(undefined);
  /** The image under the cursor. */
  image = $state.raw<Uint8Array | undefined>(undefined);
  top = $state.raw<readonly Guess[]>([]);
  #basis: PlaneBasis | undefined;
  #request = 0;
  #asking = false;
  #next: Uint8Array | undefined;

  constructor(session: Session, model: StudioModel) {
    this.#session = session;
    this.model = model;
  }

  get complete(): boolean {
    return this.chosen.every((one) => one !== undefined);
  }

  /** Samples where there are any, and a first choice. */
  async begin(): Promise<void> {
    if (this.own.length === 0) {
      const drawn = await this.#session.ask('samples.draw', { model: this.model.id, count: 10, seed: 2 });
      if (drawn !== undefined) {
        const size = drawn.images.length / drawn.names.length;
        this.own = drawn.names.map((name, i) => ({
          name: `a drawn ${name}`,
          planes: drawn.images.slice(size * i, size * (i + 1)),
        }));
      }
    }
    if (this.complete) return;
    const kept = this.#session.keepsakes.filter(({ model }) => model === this.model.id);
    const samples = [4, 9, 7].map((place) => this.own[place]);
    const chosen = [...this.chosen];
    // A sample, something kept, another sample; whatever there is where one of them is missing.
    for (const [place, wishes] of [[samples[0]], kept, [samples[2]]].entries()) {
      chosen[place] ??= [...wishes, ...kept, ...samples, ...this.own].find(
        (one) => one !== undefined && !chosen.includes(one),
      );
    }
    if (chosen.includes(undefined)) return;
    this.chosen = chosen;
    await this.draw();
  }

  add(candidate: Candidate): void {
    this.own = [...this.own, candidate];
  }

  choose(place: number, candidate: Candidate | undefined): void {
    this.chosen = this.chosen.map((one, i) => (i === place ? candidate : one));
    void this.draw();
  }

  /** Draws coarsely, then finely; another choice in between ends it. */
  async draw(): Promise<void> {
    const [first, second, third] = this.chosen;
    if (first === undefined || second === undefined || third === undefined) return;
    const request = ++this.#request;
    this.problem = undefined;
    try {
      this.#basis = planeThrough(first.planes, second.planes, third.planes);
      for (const grid of [COARSE, FINE]) {
        const view = await this.#session.client.call('boundaries.plane', {
          model: this.model.id,
          images: [first.planes, second.planes, third.planes],
          grid,
          margin: MARGIN,
        });
        if (request !== this.#request) return;
        this.view = view;
      }
    } catch (error) {
      if (request !== this.#request) return;
      this.view = undefined;
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Shows the image at a place of the plane, and asks what the network says of it. */
  look(u: number, v: number): void {
    if (this.#basis === undefined) return;
    const floats = new Float32Array(this.#basis.start.length);
    imageAt(this.#basis, u, v, floats);
    this.image = Uint8Array.from(floats, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
    this.#next = this.image;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#next !== undefined) {
      const images = this.#next;
      this.#next = undefined;
      const answer = await this.#session.client
        .call('models.predict', { model: this.model.id, images, top: 3 })
        .catch(() => undefined);
      if (answer !== undefined) this.top = answer.tops[0]!;
    }
    this.#asking = false;
  }
}

let map: PlaneMap | undefined;

/** There is one for the page; another network begins anew. */
export function planeMapOf(session: Session, model: StudioModel): PlaneMap {
  if (map?.model.id !== model.id) map = new PlaneMap(session, model);
  return map;
}
