/** @file The images that an audit shows a classifier besides real ones: every source of garbage that applies, and outliers. */

import {
  GARBAGE,
  type GarbageSource,
  type ImageShape,
  type Images,
  imageSize,
  Random,
  sliceImages,
} from '@pareidolia/core';
import { type AuditBench, byBudget } from '../bench.ts';

/** The stream of random numbers that garbage is made from. */
const GARBAGE_STREAM = 0x67617262;

/** Images of each source that has no end. */
export const COUNTS = { quick: 100, standard: 500, thorough: 2000 } as const;

/** Values in a chunk: images are made, scored and forgotten chunk by chunk. */
const CHUNK_VALUES = 1 << 22;
const MOST_IN_CHUNK = 250;

/** The name of the source that the user's images of other things make. */
export const OUTLIERS = 'outliers';

/** A source as it is shown. */
export interface AuditSource {
  /** As in the figures' names. */
  readonly name: string;
  /** In the middle of a sentence. */
  readonly title: string;
  readonly summary: string;
  /** How many images there are to show. */
  readonly count: number;
  /** Whether these are all images there are of the source, so that a share of them is a fact and no sample. */
  readonly isWhole: boolean;
  /** Images in a chunk. */
  readonly chunk: number;
  /** The images from `first` to `first + chunk`; `first` a multiple of `chunk`. */
  make(first: number): Images;
}

/** The sources of an audit, and of those left out the reason, a sentence without a full stop. */
export interface AuditSources {
  /** Garbage first; the last one is {@link OUTLIERS}, where the user gave any. */
  readonly sources: readonly AuditSource[];
  readonly leftOut: readonly string[];
}

/** What is shown at the bench's budget. */
export function auditSources(
  bench: Pick<AuditBench, 'budget' | 'classifier' | 'images' | 'outliers' | 'seed'>,
): AuditSources {
  const { shape, classNames } = bench.classifier;
  const sources: AuditSource[] = [];
  const leftOut: string[] = [];
  for (const source of GARBAGE) {
    if (source.most?.(shape) === 0) continue;
    if (source.needsImages === true && !(bench.images !== undefined && bench.images.images.count > 0)) {
      leftOut.push(`No real images were given, so ${source.title}, which are made of them, were not tried`);
    } else if (source.shows?.(classNames) === true) {
      leftOut.push(
        `By their names, some classes may be seen in images of ${source.title}, so these are no garbage and were not tried`,
      );
    } else sources.push(garbageSource(source, bench));
  }
  const { outliers } = bench;
  if (outliers !== undefined && outliers.images.count > 0) {
    const { images, origin } = outliers;
    const chunk = chunkOf(shape);
    sources.push({
      name: OUTLIERS,
      title: `outliers (${origin})`,
      summary: `images of other things, from ${origin}`,
      count: images.count,
      isWhole: false,
      chunk,
      make: (first) => sliceImages(images, first, Math.min(images.count, first + chunk)),
    });
  }
  return { sources, leftOut };
}

/** Images of a shape in a chunk. */
export function chunkOf(shape: ImageShape): number {
  return Math.max(1, Math.min(MOST_IN_CHUNK, Math.floor(CHUNK_VALUES / imageSize(shape))));
}

function garbageSource(
  source: GarbageSource,
  { budget, classifier, images, seed }: Pick<AuditBench, 'budget' | 'classifier' | 'images' | 'seed'>,
): AuditSource {
  const { shape, origin } = classifier;
  const { name, title, summary } = source;
  const most = source.most?.(shape);
  const count = Math.min(most ?? Infinity, byBudget({ budget }, COUNTS));
  const chunk = most === undefined ? chunkOf(shape) : count;
  const inputs = {
    ...(images === undefined ? {} : { images: images.images }),
    ...(origin === undefined ? {} : { origin }),
  };
  // Keyed by the name, so that a new source leaves the images of the others as they are.
  const key = Array.from(name, (letter) => letter.charCodeAt(0));
  return {
    name,
    title,
    summary,
    count,
    isWhole: count === most,
    chunk,
    make: (first) =>
      source.make(shape, Math.min(chunk, count - first), Random.stream(seed, GARBAGE_STREAM, ...key, first), inputs),
  };
}
