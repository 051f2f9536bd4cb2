/** @file How natural images look: to a discriminator, and by their distance to real ones. */

import {
  type Discriminator,
  featureGaussian,
  frechetDistance,
  type Images,
  sliceImages,
  thresholdAtRate,
} from '@pareidolia/core';
import type { Counted } from '../../statistics/fisher-exact.ts';
import { balancedPart } from '../../workbench/balanced-subset.ts';
import { type GeneratorSubject, oddsOf } from './subject.ts';

/** The share of real images that a discriminator is to keep. */
export const KEPT = 0.95;

/** Real images that its threshold is set by, of each class. */
const EACH = 100;

/** A discriminator with the threshold that keeps most real images. */
export interface Judging {
  /** How many of some images it refuses. */
  refused(images: Images): Promise<Counted>;
  readonly threshold: number;
  /** Real images that the threshold was set by, and how many of others it refuses. */
  readonly real: Counted;
}

/** Sets a discriminator's threshold by one half of some real test images; the other half says what it refuses of real ones. */
export async function judging(discriminator: Discriminator, { test }: GeneratorSubject): Promise<Judging> {
  const classes = test.classNames.map((_, label) => label);
  const { images } = balancedPart(test, { classes, each: EACH, seed: 2 });
  const half = Math.floor(images.count / 2);
  const known = await oddsOf(discriminator, sliceImages(images, 0, half));
  const threshold = thresholdAtRate(known, KEPT);
  const refused = async (some: Images): Promise<Counted> => {
    if (some.count === 0) return { hits: 0, of: 0 };
    const odds = await oddsOf(discriminator, some);
    return { hits: odds.filter((each) => each < threshold).length, of: some.count };
  };
  return { refused, threshold, real: await refused(sliceImages(images, half, images.count)) };
}

/** Fewer images than this have no covariance worth the name. */
const FEWEST = 20;

/**
 * The squared Frechet distance of images to as many training images, in the features of a network, and the floor: that of as many test
 * images. `undefined` where there are too few.
 */
export async function distanceOf(
  { others, train, test }: GeneratorSubject,
  images: Images,
): Promise<{ readonly distance: number; readonly floor: number } | undefined> {
  const judge = others.find(({ network }) => network.features !== undefined)?.network;
  const { count } = images;
  if (judge === undefined || count < FEWEST) return undefined;
  const classes = train.classNames.map((_, label) => label);
  const each = Math.ceil(count / classes.length);
  const some = (data: typeof train): Images =>
    sliceImages(balancedPart(data, { classes, each, seed: 3 }).images, 0, count);
  const gaussian = async (part: Images) => featureGaussian(await judge.features!(part));
  const real = await gaussian(some(train));
  return {
    distance: frechetDistance(real, await gaussian(images)),
    floor: frechetDistance(real, await gaussian(some(test))),
  };
}
