/** @file Children on the lines through uniformly drawn elites (Vassiliades and Mouret 2018). */

import { InputError } from '../errors.ts';
import { NO_SETTINGS } from '../settings/settings.ts';
import { isoLine } from '../variation/iso-line.ts';
import { defineEmitter } from './kind.ts';
import { UniformEmitter } from './uniform.ts';

export const isoLineEmitter = defineEmitter({
  name: 'iso-line',
  summary: 'noise, and steps along the lines through two elites',
  explanation:
    'New images lie near the line through two earlier ones, and one was kept where the network gave it more confidence.',
  settings: NO_SETTINGS,
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    if (isoLine.fits(encoding)) return isoLine;
    throw new InputError(
      `iso-line works on vectors, the genomes of ${encoding.name} are none; choose another encoding`,
    );
  },
  batch: () => 200,
  // A kind with a variation is always made with one.
  create: ({ variation }) => new UniformEmitter('iso-line', variation!),
});
