/** @file Gaussian noise around uniformly drawn elites, the simplest emitter of pyribs. */

import { InputError } from '../errors.ts';
import { NO_SETTINGS } from '../settings/settings.ts';
import { gaussian } from '../variation/gaussian.ts';
import { defineEmitter } from './kind.ts';
import { UniformEmitter } from './uniform.ts';

export const gaussianEmitter = defineEmitter({
  name: 'gaussian',
  summary: 'noise on every number of elites drawn at random',
  explanation: 'New images are earlier ones with noise, and one was kept where the network gave it more confidence.',
  settings: NO_SETTINGS,
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    if (gaussian.fits(encoding)) return gaussian;
    throw new InputError(
      `gaussian works on vectors, the genomes of ${encoding.name} are none; choose another encoding`,
    );
  },
  batch: () => 200,
  // A kind with a variation is always made with one.
  create: ({ variation }) => new UniformEmitter('gaussian', variation!),
});
