/** @file A classifier and an encoding that let others in between two pieces of their work. */

import { type BetweenParts, type Classifier, type Encoding, wrapped } from '@pareidolia/core';

/**
 * The same classifier, which awaits something before each call and between the parts of one.
 *
 * @param pause where it rejects, so does the call
 */
export function attentive(inner: Classifier, pause: () => Promise<void>): Classifier {
  const and = (between: BetweenParts | undefined): BetweenParts => {
    return async (done) => {
      await pause();
      await between?.(done);
    };
  };
  return wrapped(inner, {
    async predict(images, between) {
      await pause();
      return inner.predict(images, and(between));
    },
    async logits(images, between) {
      await pause();
      return inner.logits(images, and(between));
    },
    async gradient(images, objective, between) {
      await pause();
      return inner.gradient(images, objective, and(between));
    },
    ...(inner.features === undefined
      ? {}
      : {
          async features(images, between) {
            await pause();
            return inner.features!(images, and(between));
          },
        }),
  });
}

/**
 * The same encoding, which awaits something after each call that renders.
 *
 * @param pause where it rejects, so does the call
 */
export function attentiveEncoding<Genome>(inner: Encoding<Genome>, pause: () => Promise<void>): Encoding<Genome> {
  return {
    name: inner.name,
    shape: inner.shape,
    random: (random) => inner.random(random),
    async render(genomes, images) {
      await inner.render(genomes, images);
      await pause();
    },
    pack: (genome) => inner.pack(genome),
    unpack: (bytes) => inner.unpack(bytes),
    document: (genome) => inner.document(genome),
  };
}
