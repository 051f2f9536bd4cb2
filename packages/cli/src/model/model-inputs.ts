/** @file A model as a job's configuration names it: by hashes, so that a change is seen when the job is resumed. */

import type { JobInput } from '../job/config.ts';
import { sha256 } from '../job/hash.ts';
import type { ModelSource } from './open-classifier.ts';

/**
 * A model with its card, and files of weights beside it as far as they have been read.
 *
 * @param what the model is to the job: `model`, or `network <name>`
 */
export function modelInputs(model: ModelSource, what = 'model'): Record<string, JobInput> {
  const { name, path, sha256: hash, card, cardPath, cardOptions, origin, weights } = model;
  const contents = JSON.parse(JSON.stringify(card));
  const inputs: Record<string, JobInput> = {
    [what]: { name, ...(path === undefined ? {} : { path }), sha256: hash },
    [`${what} card`]: {
      name: origin,
      ...(cardPath === undefined ? {} : { path: cardPath }),
      ...(Object.keys(cardOptions).length === 0 ? {} : { options: cardOptions }),
      sha256: sha256(JSON.stringify(card)),
      contents,
    },
  };
  return { ...inputs, ...weightInputs(weights, what) };
}

/** The files of weights of what is called so. */
export function weightInputs(weights: ReadonlyMap<string, string>, what: string): Record<string, JobInput> {
  const inputs = [...weights].map(([location, sha256]) => [`${what} weights ${location}`, { name: location, sha256 }]);
  return Object.fromEntries(inputs);
}
