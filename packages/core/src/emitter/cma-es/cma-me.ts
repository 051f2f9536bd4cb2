/** @file CMA-ME: CMA-ES that climbs what improves the archive (Fontaine et al. 2020, arXiv 1912.02400). */

import { z } from 'zod';
import { defineEmitter } from '../kind.ts';
import { FULL_UP_TO, requireVectors, STRATEGY_SETTINGS } from '../strategy/settings.ts';
import { StrategyEmitter } from '../strategy/strategy-emitter.ts';
import { CmaEs } from './cma-es.ts';

/** What CMA-ME and CMA-MAE may be told. */
export const CMA_SETTINGS = z.object({ ...STRATEGY_SETTINGS, fullUpTo: FULL_UP_TO });

export const cmaMe = defineEmitter({
  name: 'cma-me',
  summary:
    'covariance matrix adaptation, for one class after another: what is new before what is better before the rest',
  explanation:
    'Search distributions drew images, and moved to where draws gave the network more confidence in a class than any image before.',
  settings: CMA_SETTINGS,
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    requireVectors('cma-me', encoding);
    return undefined;
  },
  batch: (_, { emitters = 10, draws = 20 }) => emitters * draws,
  create: ({ encoding, classIndices }, settings) => {
    requireVectors('cma-me', encoding);
    const isSeparable = encoding.dimension > settings.fullUpTo;
    const { sigma, draws: batch } = settings;
    return new StrategyEmitter({
      ...settings,
      name: 'cma-me',
      encoding,
      cells: classIndices.length,
      ranking: 'stages',
      distribution: (mean) => new CmaEs({ mean, sigma, batch, isSeparable, bounds: [0, 1] }),
    });
  },
});
