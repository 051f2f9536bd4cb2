/**
 * @file Niches of equal size for any number of measures: the cells of a centroidal Voronoi tessellation (CVT-MAP-Elites; Vassiliades,
 * Chatzilygeroudis and Mouret 2018, arXiv 1610.05729).
 */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { resolveSettings } from '../settings/settings.ts';
import type { ArchiveKind } from './kind.ts';
import { NicheArchive } from './niche-archive.ts';
import type { CellOutline, Partition } from './partition.ts';

/** Key of the stream that points are drawn from. */
const POINTS_STREAM = 3;

/** Points for each region, and rounds of Lloyd's algorithm, at most. */
const [POINTS, ROUNDS] = [50, 30];

/** The range of one measure. */
export interface Range {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Regions of those points that are nearest to the same centroid, distances taken with each range as 1. The centroids are the means of k-means
 * (Lloyd 1982) over uniform points.
 */
export class CentroidalVoronoi implements Partition {
  readonly size: number;
  readonly #ranges: readonly Range[];
  /** `size x measures`, in [0, 1]. */
  readonly #centroids: Float64Array;

  /** @throws InputError where there is no range, or one is none */
  constructor(ranges: readonly Range[], size: number, seed: number) {
    if (ranges.length === 0) throw new InputError('A tessellation needs at least one measure');
    for (const { lower, upper } of ranges) {
      if (Number.isFinite(lower) && Number.isFinite(upper) && lower < upper) continue;
      throw new InputError(`A measure from ${lower} to ${upper} has no regions; give a range`);
    }
    this.#ranges = ranges;
    this.size = size;
    this.#centroids = centroids(ranges.length, size, Random.stream(seed, POINTS_STREAM));
  }

  cellOf(measures: Float64Array, row = 0): number {
    const n = this.#ranges.length;
    const point = this.#ranges.map(({ lower, upper }, axis) => {
      const share = (measures[row * n + axis]! - lower) / (upper - lower);
      // NaN goes to the lower end.
      return share > 0 ? Math.min(1, share) : 0;
    });
    return nearest(point, 0, n, this.#centroids);
  }

  /** Where a cell lies; see {@link Partition.outline}. */
  outline(cell: number): CellOutline {
    const n = this.#ranges.length;
    return {
      center: this.#ranges.map(({ lower, upper }, axis) => lower + (upper - lower) * this.#centroids[cell * n + axis]!),
    };
  }
}

function centroids(n: number, size: number, random: Random): Float64Array {
  const count = POINTS * size;
  const points = Float64Array.from({ length: count * n }, () => random.uniform());
  let means = points.slice(0, size * n);
  const owners = new Int32Array(count).fill(-1);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0;
    const [sums, counts] = [new Float64Array(size * n), new Int32Array(size)];
    for (let i = 0; i < count; i++) {
      const owner = nearest(points, i * n, n, means);
      if (owner !== owners[i]) moved++;
      owners[i] = owner;
      counts[owner]!++;
      for (let axis = 0; axis < n; axis++) sums[owner * n + axis]! += points[i * n + axis]!;
    }
    if (moved === 0) break;
    const before = means;
    means = sums.map((sum, i) => {
      const own = counts[Math.floor(i / n)]!;
      return own === 0 ? before[i]! : sum / own;
    });
  }
  return means;
}

/** The centroid that is nearest to a point, the first of equals. */
function nearest(points: ArrayLike<number>, at: number, n: number, all: Float64Array): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0, begin = 0; begin < all.length; i++, begin += n) {
    let distance = 0;
    for (let axis = 0; axis < n; axis++) distance += (points[at + axis]! - all[begin + axis]!) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

const SETTINGS = z.object({
  regions: z.int().min(2).max(2000).default(100).describe('regions that the measures are divided into'),
});

/** Registered as `cvt`. */
export const cvt: ArchiveKind = {
  name: 'cvt',
  summary: 'many images of each class: the best one in each region of a centroidal Voronoi tessellation over measures',
  explanation:
    'The measures of an image lead to a region of a centroidal Voronoi tessellation, and in each region the image is kept that has the most confidence, for each class by itself.',
  settings: SETTINGS,
  isMeasured: true,
  create: ({ classIndices, measures, seed }, changes) => {
    const { regions } = resolveSettings('cvt', SETTINGS, changes);
    return new NicheArchive(classIndices, new CentroidalVoronoi(measures, regions, seed));
  },
};
