/** @file OpenAI's evolution strategy for one class after another. */

import { z } from 'zod';
import { defineEmitter } from '../kind.ts';
import { requireVectors, STRATEGY_SETTINGS } from '../strategy/settings.ts';
import { StrategyEmitter } from '../strategy/strategy-emitter.ts';
import { OpenAiEs } from './openai-es.ts';

export const openAiEs = defineEmitter({
  name: 'openai-es',
  summary: 'a gradient estimated from mirrored draws, for one class after another',
  explanation:
    'Around an image others were drawn, and it moved to where these gave the network more confidence in a class.',
  settings: z.object({
    ...STRATEGY_SETTINGS,
    stepSize: z.number().gt(0).max(10).default(0.05).describe('length of a step in each number of a vector in [0, 1]'),
  }),
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    requireVectors('openai-es', encoding);
    return undefined;
  },
  batch: (_, { emitters = 10, draws = 20 }) => emitters * (draws + (draws % 2)),
  create: ({ encoding, classIndices }, settings) => {
    requireVectors('openai-es', encoding);
    const { sigma, draws, stepSize } = settings;
    return new StrategyEmitter({
      ...settings,
      name: 'openai-es',
      encoding,
      cells: classIndices.length,
      ranking: 'target',
      distribution: (mean) => new OpenAiEs({ mean, sigma, batch: draws + (draws % 2), stepSize, bounds: [0, 1] }),
    });
  },
});
