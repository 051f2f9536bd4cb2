/**
 * @file CMA-MAE: CMA-ES that climbs thresholds which follow slowly, so that it neither leaves a class at its first success nor stays
 * for ever (Fontaine and Nikolaidis 2022, arXiv 2205.10752).
 */

import { z } from 'zod';
import { defineEmitter } from '../kind.ts';
import { requireVectors } from '../strategy/settings.ts';
import { StrategyEmitter } from '../strategy/strategy-emitter.ts';
import { CmaEs } from './cma-es.ts';
import { CMA_SETTINGS } from './cma-me.ts';

/** How fast thresholds follow. */
export const LEARNING_RATE = z
  .number()
  .min(0)
  .max(1)
  .default(0.01)
  .describe('how fast the threshold of a class follows the images that beat it; 1 at once, 0 never');

export const cmaMae = defineEmitter({
  name: 'cma-mae',
  summary: 'covariance matrix adaptation over all classes at once, against thresholds that follow slowly',
  explanation:
    'Search distributions drew images, and moved to where draws gave the network more confidence than a bound that rises slowly with what was reached.',
  settings: CMA_SETTINGS.extend({ learningRate: LEARNING_RATE }),
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    requireVectors('cma-mae', encoding);
    return undefined;
  },
  batch: (_, { emitters = 10, draws = 20 }) => emitters * draws,
  create: ({ encoding, classIndices }, settings) => {
    requireVectors('cma-mae', encoding);
    const isSeparable = encoding.dimension > settings.fullUpTo;
    const { sigma, draws: batch, learningRate } = settings;
    return new StrategyEmitter({
      ...settings,
      name: 'cma-mae',
      encoding,
      cells: classIndices.length,
      ranking: { learningRate },
      distribution: (mean) => new CmaEs({ mean, sigma, batch, isSeparable, bounds: [0, 1] }),
    });
  },
});
