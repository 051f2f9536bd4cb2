import { cppnEncoding } from '../encoding/cppn/cppn.ts';
import { cppnStructureOf } from '../variation/cppn-structure.ts';
import { type GarbageSource, paintEach } from './source.ts';

/** Mutations of each genome, so that it has a few hidden nodes. */
const MUTATIONS = 30;

/** Images with fewer levels between their darkest and brightest value are drawn again. */
const LEAST_RANGE = 32;

/** Draws of one image; the last is taken as it is. */
const MOST_DRAWS = 20;

/**
 * Regular images of compositional pattern-producing networks that nobody has searched for: a random genome of the first
 * population, mutated 30 times (Nguyen, Yosinski and Clune 2015, section 2.3). Nearly flat images are drawn again.
 */
export const randomCppns: GarbageSource = {
  name: 'random-cppns',
  title: 'random CPPN images',
  summary: 'regular images of random networks of smooth functions, not searched for',
  kind: 'generated',
  make: (shape, count, random) => {
    const encoding = cppnEncoding(shape);
    const mutation = cppnStructureOf(encoding);
    return paintEach(shape, count, (image) => {
      for (let draw = 0; draw < MOST_DRAWS; draw++) {
        let genome = encoding.random(random);
        for (let step = 0; step < MUTATIONS; step++) genome = mutation.apply([genome], random, 1);
        encoding.render([genome], image);
        if (rangeOf(image) >= LEAST_RANGE) return;
      }
    });
  },
};

function rangeOf(image: Uint8Array): number {
  let [least, largest] = [255, 0];
  for (const level of image) {
    if (level < least) least = level;
    if (level > largest) largest = level;
  }
  return largest - least;
}
