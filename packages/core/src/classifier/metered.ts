/** @file Counts what is asked of a classifier. */

import type { Classifier } from './classifier.ts';
import { wrapped } from './wrapped.ts';

/** Passes through the network, counted for each image. */
export interface QueryCount {
  readonly forward: number;
  readonly backward: number;
}

/**
 * A classifier that says what each call costs before it makes it. A gradient is a pass forward and one back.
 *
 * @param spend told of each call; where it throws, the call is not made and rejects with the same error
 */
export function metered(inner: Classifier, spend: (cost: QueryCount) => void): Classifier {
  return wrapped(inner, {
    async predict(images, between) {
      spend({ forward: images.count, backward: 0 });
      return inner.predict(images, between);
    },
    async logits(images, between) {
      spend({ forward: images.count, backward: 0 });
      return inner.logits(images, between);
    },
    async gradient(images, objective, between) {
      spend({ forward: images.count, backward: images.count });
      return inner.gradient(images, objective, between);
    },
    ...(inner.features === undefined
      ? {}
      : {
          async features(images, between) {
            spend({ forward: images.count, backward: 0 });
            return inner.features!(images, between);
          },
        }),
  });
}
