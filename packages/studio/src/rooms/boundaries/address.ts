/** @file The state of the figure of points in the address, so that a link, a bookmark and a reload show the same. */

import type { LabelledPoint } from './places.ts';

/** What the address holds. */
export interface PointState {
  readonly layers: number;
  readonly units: number;
  readonly epochs: number;
  readonly seed: number;
  readonly zoom: 'near' | 'far';
  /** Absent where they are those of the beginning. */
  readonly points?: readonly LabelledPoint[];
}

/** As in the settings. */
const RANGES = { layers: [1, 3], units: [2, 64], epochs: [5, 200], seed: [1, 1_000_000] } as const;

/** More points make an address that no message takes; they are left out. */
const MOST_POINTS = 400;

/** Steps of a coordinate from 0 to 1. */
const STEPS = 1000;

/** What stands behind `#boundaries`. */
export function writeState({ layers, units, epochs, seed, zoom, points }: PointState): string {
  const fields = new URLSearchParams({
    layers: `${layers}`,
    units: `${units}`,
    epochs: `${epochs}`,
    seed: `${seed}`,
    zoom,
  });
  if (points !== undefined && points.length <= MOST_POINTS) {
    const step = (value: number): number => Math.round(STEPS * value);
    fields.set('points', points.map(({ x, y, class: label }) => `${step(x)}.${step(y)}.${label}`).join('_'));
  }
  return `?${fields}`;
}

/** What is there and can be used; an address may have been shortened, or written by hand. */
export function readState(hash: string): Partial<PointState> {
  const fields = new URLSearchParams(/^#boundaries\?(.*)$/.exec(hash)?.[1] ?? '');
  const state: { -readonly [Key in keyof PointState]?: PointState[Key] } = {};
  for (const [field, [least, most]] of Object.entries(RANGES) as [keyof typeof RANGES, readonly [number, number]][]) {
    const value = Number(fields.get(field) ?? Number.NaN);
    if (Number.isInteger(value) && value >= least && value <= most) state[field] = value;
  }
  const zoom = fields.get('zoom');
  if (zoom === 'near' || zoom === 'far') state.zoom = zoom;
  const points = readPoints(fields.get('points'));
  if (points !== undefined) state.points = points;
  return state;
}

function readPoints(text: string | null): readonly LabelledPoint[] | undefined {
  if (text === null) return undefined;
  if (text === '') return [];
  const points = text.split('_').map((one) => /^(\d{1,4})\.(\d{1,4})\.([012])$/.exec(one));
  if (points.length > MOST_POINTS || points.includes(null)) return undefined;
  const read = points.map((match) => ({
    x: Number(match![1]) / STEPS,
    y: Number(match![2]) / STEPS,
    class: Number(match![3]),
  }));
  return read.every(({ x, y }) => x <= 1 && y <= 1) ? read : undefined;
}
