/** @file Many images of each class, told apart by measures: plain data, and the cells that are drawn of it. */

import type { CellOutline, Measure } from '@pareidolia/core';
import { Delaunay } from 'd3-delaunay';

/** A run's map as the report takes it. */
export interface FoolMap {
  /** What images are told apart by, at least one. */
  readonly measures: readonly Pick<Measure, 'name' | 'title' | 'lower' | 'upper'>[];
  /** The cells that each class has. */
  readonly niches: readonly CellOutline[];
  /** The cells that hold an image. */
  readonly entries: readonly MapImage[];
}

/** The image in one cell. */
export interface MapImage {
  readonly classIndex: number;
  readonly className: string;
  /** Place among the niches. */
  readonly niche: number;
  /** In the order of the map's measures. */
  readonly measures: readonly number[];
  /** Probability of the class for the 8-bit image, in [0, 1]. */
  readonly confidence: number;
  readonly argmaxName: string;
  /** Path of the PNG, relative to the page. */
  readonly file: string;
  /** The bytes of the PNG. */
  readonly png: Uint8Array;
  /** Cells with equal `id` have the same image. */
  readonly id: number;
}

/** A cell as it is drawn, and which of the map's niches lie in it. */
export interface DrawnCell {
  readonly corners: readonly (readonly [number, number])[];
  readonly niches: readonly number[];
}

/** Parts of each axis where more than two measures are drawn on two. */
const PARTS = 10;

/**
 * The cells of a map in the plane of its first two measures. Where there are more than two, the niches that lie behind each other are
 * drawn as one box.
 */
export function drawnCells({ measures, niches }: Pick<FoolMap, 'measures' | 'niches'>): {
  readonly cells: readonly DrawnCell[];
  readonly areBoxes: boolean;
} {
  if (measures.length > 2) return { cells: projected(measures, niches), areBoxes: true };
  if (niches.every(({ lower, upper }) => lower !== undefined && upper !== undefined)) {
    const cells = niches.map(({ lower, upper }, niche) => ({
      corners: [
        [lower![0]!, lower![1] ?? 0],
        [upper![0]!, upper![1] ?? 1],
      ] as const,
      niches: [niche],
    }));
    return { cells, areBoxes: true };
  }
  return measures.length === 1
    ? { cells: intervals(measures[0]!, niches), areBoxes: true }
    : { cells: polygons(measures, niches), areBoxes: false };
}

/** Regions of one measure: they meet halfway between their middles. */
function intervals({ lower, upper }: FoolMap['measures'][number], niches: FoolMap['niches']): DrawnCell[] {
  const order = [...niches.keys()].sort((a, b) => niches[a]!.center[0]! - niches[b]!.center[0]!);
  const border = (place: number): number =>
    (niches[order[place]!]!.center[0]! + niches[order[place + 1]!]!.center[0]!) / 2;
  return order.map((niche, place) => ({
    corners: [
      [place === 0 ? lower : border(place - 1), 0],
      [place === order.length - 1 ? upper : border(place), 1],
    ],
    niches: [niche],
  }));
}

/** The Voronoi cells of the middles, distances taken with each range as 1. */
function polygons(measures: FoolMap['measures'], niches: FoolMap['niches']): DrawnCell[] {
  const [across, upright] = [measures[0]!, measures[1]!];
  const share = (value: number, { lower, upper }: typeof across): number => (value - lower) / (upper - lower);
  const place = (part: number, { lower, upper }: typeof across): number => lower + (upper - lower) * part;
  const points = niches.map(({ center }) => [share(center[0]!, across), share(center[1]!, upright)] as const);
  const voronoi = Delaunay.from(points.map(([x, y]) => [x, y])).voronoi([0, 0, 1, 1]);
  return niches.map((_, niche) => ({
    corners: (voronoi.cellPolygon(niche) ?? []).slice(0, -1).map(([x, y]) => [place(x, across), place(y, upright)]),
    niches: [niche],
  }));
}

function projected(measures: FoolMap['measures'], niches: FoolMap['niches']): DrawnCell[] {
  const boxes = new Map<string, { corners: DrawnCell['corners']; niches: number[] }>();
  niches.forEach(({ center, lower, upper }, niche) => {
    const sides = [0, 1].map((axis) => {
      if (lower !== undefined && upper !== undefined) return [lower[axis]!, upper[axis]!] as const;
      const { lower: begin, upper: end } = measures[axis]!;
      const part = Math.min(PARTS - 1, Math.floor(((center[axis]! - begin) / (end - begin)) * PARTS));
      const at = (index: number): number => begin + ((end - begin) * index) / PARTS;
      return [at(part), at(part + 1)] as const;
    });
    const [x, y] = [sides[0]!, sides[1]!];
    const key = `${x[0]} ${y[0]}`;
    const found = boxes.get(key);
    if (found !== undefined) found.niches.push(niche);
    else
      boxes.set(key, {
        corners: [
          [x[0], y[0]],
          [x[1], y[1]],
        ],
        niches: [niche],
      });
  });
  return [...boxes.values()];
}
