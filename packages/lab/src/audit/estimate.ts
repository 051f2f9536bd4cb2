/** @file How long an audit takes, as far as that can be told before it begins. */

import { batchOf, type Classifier, probeImages } from '@pareidolia/core';
import { formatCount, formatDuration, formatNumber } from '../format/format.ts';
import { type AuditOptions, auditCost } from './audit.ts';
import { type AuditedClassifier, PASSES_OF_A_GRADIENT } from './bench.ts';

/** Pixels of images of which several are scored to see how long one takes. */
const SMALL = 64 * 64;

/** How often the probes are repeated in a batch of small ones. */
const REPEATS = 8;

/** Calls that are timed: the first one opens the session, and another program may have had the processor. */
const CALLS = 3;

/** What is told of an audit before it begins. */
export interface AuditEstimate {
  /** Passes forward that it is expected to take, a gradient counted as {@link PASSES_OF_A_GRADIENT}. */
  readonly passes: number;
  /** Images that the network scored in a second. */
  readonly imagesPerSecond: number;
  /** The one over the other. */
  readonly seconds: number;
}

/**
 * Seconds that a network takes for an image: the least of a few calls with a few images.
 *
 * @param now milliseconds of a clock
 */
export async function secondsPerImage(
  network: Pick<Classifier, 'shape' | 'predict'>,
  now: () => number,
): Promise<number> {
  const { height, width } = network.shape;
  const few = probeImages(network.shape);
  // Small ones come in batches, in which each takes less time; one is enough where it takes long.
  const isSmall = height * width <= SMALL;
  const probes = batchOf(network.shape, isSmall ? Array.from({ length: REPEATS }, () => few).flat() : few.slice(0, 1));
  let seconds = Number.POSITIVE_INFINITY;
  for (let call = 0; call < CALLS; call++) {
    const begin = now();
    await network.predict(probes);
    seconds = Math.min(seconds, (now() - begin) / 1000);
  }
  return seconds / probes.count;
}

/**
 * The passes that the audit's parts expect, over the pace of the network.
 *
 * @param perImage from {@link secondsPerImage}
 * @throws as {@link auditCost}
 */
export function estimateAudit(classifier: AuditedClassifier, options: AuditOptions, perImage: number): AuditEstimate {
  const passes = auditCost(classifier, options);
  return { passes, imagesPerSecond: 1 / perImage, seconds: passes * perImage };
}

/** For everybody, with its full stop: the time, and what it was derived from. */
export function estimateText({ passes, imagesPerSecond, seconds }: AuditEstimate): string {
  const pace = Number.isFinite(imagesPerSecond)
    ? `${formatNumber(imagesPerSecond, 2)} images/s`
    : 'a pace too fast to time';
  const time = formatDuration(Math.max(1, Math.ceil(seconds)));
  const work = `some ${formatNumber(passes, 2)} passes (a gradient counted as ${formatCount(PASSES_OF_A_GRADIENT)})`;
  return `Roughly ${time}: ${work} at ${pace}, the pace of the network when it was timed. It may be a third or three times as long: making the images takes time besides, and how many passes it takes depends on what is found.`;
}
