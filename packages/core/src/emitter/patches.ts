/** @file Rectangles of one value on the images that the network is least certain of. */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { patches } from '../variation/patches.ts';
import { defineEmitter } from './kind.ts';
import { PRESSURE } from './least-certain.ts';
import { SelectiveEmitter } from './selective.ts';

export const patchesEmitter = defineEmitter({
  name: 'patches',
  summary: 'rectangles of one value on the images that the network is least certain of, as in the Square attack',
  explanation:
    'Rectangles of one value were painted onto images, most often onto those that the network was least certain of, and an image was kept where the network gave it more confidence.',
  settings: z.object({ pressure: PRESSURE }),
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    if (patches.fits(encoding)) return patches;
    throw new InputError(
      `patches works on genomes that are laid out like images, those of direct and pixels, not on ${encoding.name}; choose another encoding`,
    );
  },
  batch: () => 50,
  // A kind with a variation is always made with one.
  create: ({ variation }, { pressure }) => new SelectiveEmitter('patches', variation!, pressure),
});
