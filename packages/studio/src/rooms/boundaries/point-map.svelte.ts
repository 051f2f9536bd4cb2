/** @file Points drawn by hand, and a network trained on them again and again: lives on while other rooms are open. */

import type { PointsView } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';
import { readState, writeState } from './address.ts';
import type { LabelledPoint, Place } from './places.ts';

/** What is drawn of the plane: the box with its surroundings, or far around it. */
export const VIEWS = { near: [-0.75, 1.75], far: [-5, 6] } as const;

/** The place in the box that is nearest: points are images, whose values end at 0 and 1. */
export function insideBox({ x, y }: Place): Place {
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  return { x: clamp(x), y: clamp(y) };
}

/** Cells on a side of the field: while something moves, and when all is still. */
const [COARSE, FINE] = [60, 150];

/** Milliseconds after a change until the network is trained again. */
const PATIENCE = 120;

const CENTRES = [
  [0.3, 0.3],
  [0.7, 0.35],
  [0.45, 0.72],
] as const;
const [EACH, SPREAD] = [22, 0.075];

/** Three clusters; a small generator of our own, for these points decide nothing but the first picture. */
function clusters(seed: number): LabelledPoint[] {
  let state = seed * 2_654_435_761 + 12_345;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 4_294_967_296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return CENTRES.flatMap(([x, y], label) =>
    Array.from({ length: EACH }, () => ({ x: x + SPREAD * normal(), y: y + SPREAD * normal(), class: label })),
  );
}

export class PointMap {
  readonly #session: Session;
  points = $state.raw<readonly LabelledPoint[]>(clusters(1));
  view = $state.raw<PointsView | undefined>(undefined);
  units = $state(24);
  layers = $state(2);
  epochs = $state(60);
  zoom = $state<keyof typeof VIEWS>('near');
  busy = $state(false);
  #seed = $state(1);
  /** Whether the points are those of the beginning. */
  #untouched = $state(true);
  #clusters = 1;
  #moving = false;
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
    this.#read();
    addEventListener('hashchange', () => {
      if (!location.hash.startsWith('#boundaries?')) return;
      this.#read();
      this.train();
    });
  }

  /** Writes what is shown into the address. */
  writeAddress(): void {
    const { layers, units, epochs, zoom } = this;
    const points = this.#untouched ? {} : { points: this.points };
    const state = writeState({ layers, units, epochs, zoom, seed: this.#seed, ...points });
    if (location.hash.startsWith('#boundaries')) history.replaceState(null, '', `#boundaries${state}`);
  }

  #read(): void {
    const { layers, units, epochs, seed, zoom, points } = readState(location.hash);
    this.layers = layers ?? this.layers;
    this.units = units ?? this.units;
    this.epochs = epochs ?? this.epochs;
    this.zoom = zoom ?? this.zoom;
    this.#seed = seed ?? this.#seed;
    if (points === undefined) return;
    this.points = points;
    this.#untouched = false;
  }

  /** @param moving whether more is to come soon */
  change(points: readonly LabelledPoint[], moving = false): void {
    this.points = points;
    this.#untouched = false;
    if (points.length === 0) this.view = undefined;
    this.train(moving);
  }

  shuffle(): void {
    this.change(clusters(++this.#clusters));
  }

  reset(): void {
    this.#clusters = 1;
    this.change(clusters(1));
    this.#untouched = true;
  }

  /** The same points, other first weights. */
  again(): void {
    this.#seed++;
    this.train();
  }

  /** Trains soon; what was wanted last counts. */
  train(moving = false): void {
    this.#moving = moving;
    this.#wanted = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#train(), PATIENCE);
  }

  async #train(): Promise<void> {
    if (this.busy || !this.#wanted || this.points.length === 0) return;
    this.busy = true;
    this.#wanted = false;
    const view = await this.#session.ask('boundaries.points', {
      points: this.points.map(({ x, y, class: label }) => ({ x, y, class: label })),
      hidden: Array.from({ length: this.layers }, () => this.units),
      epochs: this.epochs,
      grid: this.#moving ? COARSE : FINE,
      ends: [...VIEWS[this.zoom]],
      seed: this.#seed,
    });
    this.busy = false;
    if (view !== undefined && this.points.length > 0) this.view = view;
    if (this.#wanted) void this.#train();
  }
}

let map: PointMap | undefined;

/** There is one for the page. */
export function pointMapOf(session: Session): PointMap {
  map ??= new PointMap(session);
  return map;
}
