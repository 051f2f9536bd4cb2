/** @file The search of the paper: children of uniformly drawn elites, by the encoding's own variation. */

import { NO_SETTINGS } from '../settings/settings.ts';
import { ownVariation } from '../variation/registry.ts';
import { defineEmitter } from './kind.ts';
import { UniformEmitter } from './uniform.ts';

export const mutation = defineEmitter({
  name: 'mutation',
  summary: "the paper's evolution: mutated copies of elites drawn at random",
  explanation: 'Copies were mutated, and a copy was kept where the network gave it more confidence.',
  settings: NO_SETTINGS,
  presets: {},
  needs: 'scores',
  encoding: 'cppn',
  length: 'generations',
  variation: ownVariation,
  batch: () => 200,
  // A kind with a variation is always made with one.
  create: ({ variation }) => new UniformEmitter('mutation', variation!),
});
