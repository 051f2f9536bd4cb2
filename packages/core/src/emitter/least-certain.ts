/** @file The encoding's own variation, applied where the network is least certain. */

import { z } from 'zod';
import { ownVariation } from '../variation/registry.ts';
import { defineEmitter } from './kind.ts';
import { SelectiveEmitter } from './selective.ts';

/** How strongly lagging classes are preferred. */
export const PRESSURE = z
  .number()
  .min(1)
  .max(20)
  .default(2)
  .describe('how strongly the least certain classes are preferred as parents; 1 prefers none');

export const leastCertain = defineEmitter({
  name: 'least-certain',
  summary: "the encoding's own variation, most often of the elites that the network is least certain of",
  explanation:
    'Copies were mutated, most often of the images that the network was least certain of, and a copy was kept where the network gave it more confidence.',
  settings: z.object({ pressure: PRESSURE }),
  presets: {},
  needs: 'scores',
  encoding: 'cppn',
  length: 'generations',
  variation: ownVariation,
  batch: () => 200,
  // A kind with a variation is always made with one.
  create: ({ variation }, { pressure }) => new SelectiveEmitter('least-certain', variation!, pressure),
});
