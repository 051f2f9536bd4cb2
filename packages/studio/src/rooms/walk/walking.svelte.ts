/** @file A walk through the latents of a generator, on the surface through three of them: lives on while other rooms are open. */

import { type DecisionField, type LatentPath, type LatentPlane, latentPlane } from '@pareidolia/core';
import type { Child, StudioGenerator, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';

/** The part of the surface that is walked on: both axes reach so far. */
export const ENDS = [-0.25, 1.25] as const;

/** Where the three corners lie. */
export const PLACES = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 0, y: 1 },
] as const;

/** Where the walk begins. */
export const START = { x: 0.5, y: 0.5 } as const;

/** Cells on a side of the map, one after the other: each takes four times as long as the one before. */
const GRIDS = [8, 16, 32, 64] as const;

/** Milliseconds that a map may be expected to take. */
const PATIENCE = 8000;

/** Latents in a request of the map, and numbers in it. */
const [MOST_LATENTS, MOST_NUMBERS] = [64, 2 ** 18];

/**
 * Random images that the first corners are chosen of, the same on each visit, and their seed: of the embedded generator three clear
 * digits come of it, a 0, a 2 and a 5.
 */
const [CANDIDATES, FIRST_SEED] = [12, 22];

type Corners = readonly [Child | undefined, Child | undefined, Child | undefined];

export class Walking {
  readonly #session: Session;
  readonly model: StudioModel;
  readonly generator: StudioGenerator;
  corners = $state.raw<Corners>([undefined, undefined, undefined]);
  /** What the network decides on the surface; `undefined` before the first map is there. */
  field = $state.raw<DecisionField | undefined>(undefined);
  /** Cells on a side of the map that is being made; `undefined` when none is. */
  drawing = $state<number | undefined>(undefined);
  /** How the surface goes through the corners. */
  path = $state<LatentPath | undefined>(undefined);
  /** The image at the cursor. */
  here = $state.raw<Child | undefined>(undefined);
  place = $state.raw<{ readonly x: number; readonly y: number }>(START);
  problem = $state<string | undefined>(undefined);
  /** What images go through on the way to the network, a sentence each without a full stop. */
  conversions = $state.raw<readonly string[]>([]);
  #plane: LatentPlane | undefined;
  #seed = FIRST_SEED;
  #request = 0;
  #begun: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #next: Float32Array | undefined;
  /** Packed latents that the corners are to be. */
  #wanted: readonly (Uint8Array | undefined)[];

  /** @param before a walk with another network, whose corners are kept */
  constructor(session: Session, model: StudioModel, generator: StudioGenerator, before?: Walking) {
    this.#session = session;
    this.model = model;
    this.generator = generator;
    this.#wanted = before?.corners.map((corner) => corner?.genome) ?? [];
  }

  /** Corners where there are none yet, and a map; once, and again where the engine did not answer. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin().finally(() => {
      this.#begun = undefined;
    });
    return this.#begun;
  }

  async #begin(): Promise<void> {
    if (this.corners.every((corner) => corner !== undefined)) return;
    const ids = { generator: this.generator.id, model: this.model.id };
    const said = await this.#session.ask('latents.conversions', ids);
    if (said === undefined) return;
    this.conversions = said.sentences;
    const corners = [...this.corners];
    for (const [place, latents] of this.#wanted.entries()) {
      if (latents === undefined || corners[place] !== undefined) continue;
      corners[place] = (await this.#session.ask('latents.look', { ...ids, latents }))?.children[0];
    }
    const drawn = corners.includes(undefined) || corners.length < 3 ? await this.#random(CANDIDATES) : [];
    // What the network is most certain of is clear to the eye, too, as a rule.
    const clearest = drawn.toSorted((a, b) => (b.top[0]?.confidence ?? 0) - (a.top[0]?.confidence ?? 0));
    const classOf = (child: Child | undefined): number | undefined => child?.top[0]?.classIndex;
    for (let place = 0; place < 3; place++) {
      const fresh = clearest.filter((child) => !corners.includes(child));
      // One of another class, so that there is something to see on the way.
      corners[place] ??= fresh.find((child) => !corners.some((one) => classOf(one) === classOf(child))) ?? fresh[0];
    }
    const [first, second, third] = corners;
    // Some may have been set by hand in between.
    const [a = first, b = second, c = third] = this.corners;
    this.#place([a, b, c]);
  }

  /** @param corner 0, 1 or 2 */
  setCorner(corner: number, child: Child): void {
    const [a, b, c] = this.corners.map((one, place) => (place === corner ? child : one));
    this.#place([a, b, c]);
  }

  /** Another random image at a corner. */
  async renew(corner: number): Promise<void> {
    const [child] = await this.#random(1);
    if (child !== undefined) this.setCorner(corner, child);
  }

  /** Goes to a place. */
  look(u: number, v: number): void {
    this.place = { x: u, y: v };
    if (this.#plane === undefined) return;
    this.#next = this.#plane.at(u, v);
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  #place(corners: Corners): void {
    this.corners = corners;
    const [a, b, c] = corners;
    this.#request++;
    this.#plane = undefined;
    this.field = undefined;
    this.problem = undefined;
    if (a === undefined || b === undefined || c === undefined) return;
    try {
      this.#plane = latentPlane(this.generator.latents, [latentOf(a), latentOf(b), latentOf(c)]);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      return;
    }
    this.path = this.#plane.path;
    this.look(this.place.x, this.place.y);
    void this.#draw(this.#plane, this.#request);
  }

  /** Shows the image at the cursor; only the last of the places that were passed meanwhile is asked for. */
  async #look(): Promise<void> {
    while (this.#next !== undefined) {
      const latents = packed(this.#next);
      this.#next = undefined;
      const ids = { generator: this.generator.id, model: this.model.id };
      const answer = await this.#session.ask('latents.look', { ...ids, latents });
      if (answer === undefined) return;
      this.here = answer.children[0];
    }
  }

  /** Maps of ever more cells, as long as they do not take too long; another choice of corners ends it. */
  async #draw(plane: LatentPlane, request: number): Promise<void> {
    let took = 0;
    for (const grid of GRIDS) {
      if (4 * took > PATIENCE) break;
      this.drawing = grid;
      const begin = performance.now();
      const field = await this.#map(plane, grid, () => request === this.#request);
      if (request !== this.#request) return;
      if (field === undefined) break;
      this.field = field;
      took = performance.now() - begin;
    }
    this.drawing = undefined;
  }

  /** @returns nothing where it was given up */
  async #map(plane: LatentPlane, grid: number, isWanted: () => boolean): Promise<DecisionField | undefined> {
    const { dimension } = this.generator.latents;
    const [low, high] = ENDS;
    const at = (place: number): number => low + ((place + 0.5) * (high - low)) / grid;
    const cells = grid * grid;
    const decisions = new Uint16Array(cells);
    const confidences = new Float32Array(cells);
    const most = Math.max(1, Math.min(MOST_LATENTS, Math.floor(MOST_NUMBERS / dimension)));
    for (let from = 0; from < cells; from += most) {
      // Whoever walks comes first.
      while (this.#looking !== undefined) await this.#looking;
      if (!isWanted()) return undefined;
      const count = Math.min(most, cells - from);
      const latents = new Float32Array(count * dimension);
      for (let row = 0; row < count; row++) {
        const cell = from + row;
        latents.set(plane.at(at(cell % grid), at(Math.floor(cell / grid))), row * dimension);
      }
      const ids = { generator: this.generator.id, model: this.model.id };
      const answer = await this.#session.ask('latents.decide', { ...ids, latents: packed(latents) });
      if (answer === undefined) return undefined;
      decisions.set(answer.decisions, from);
      confidences.set(answer.confidences, from);
    }
    return { grid, ends: ENDS, decisions, confidences };
  }

  async #random(count: number): Promise<readonly Child[]> {
    const answer = await this.#session.ask('latents.screen', {
      generator: this.generator.id,
      model: this.model.id,
      parents: [],
      count,
      seed: this.#seed++,
      change: 'mild',
    });
    return answer?.children ?? [];
  }
}

/** The numbers of a packed latent. */
function latentOf({ genome }: Child): Float32Array {
  return new Float32Array(genome.slice().buffer);
}

function packed(latents: Float32Array): Uint8Array {
  return new Uint8Array(latents.buffer, latents.byteOffset, latents.byteLength);
}

let walking: Walking | undefined;

/** There is one for the page; another generator begins anew; another network, or another class of the same generator, looks at the same corners. */
export function walkingOf(session: Session, model: StudioModel, generator: StudioGenerator): Walking {
  if (walking?.model.id !== model.id || walking.generator.id !== generator.id) {
    const isSame = walking?.generator.name === generator.name && walking.generator.sha256 === generator.sha256;
    walking = new Walking(session, model, generator, isSame ? walking : undefined);
  }
  return walking;
}
