/** @file Niches that are the boxes of a grid. */

import { z } from 'zod';
import { resolveSettings } from '../settings/settings.ts';
import { Grid } from './grid.ts';
import type { ArchiveKind } from './kind.ts';
import { NicheArchive } from './niche-archive.ts';

const SETTINGS = z.object({
  cells: z.int().min(2).max(500).default(10).describe('parts that the range of each measure is cut into'),
});

/** Registered as `grid`. */
export const gridNiches: ArchiveKind = {
  name: 'grid',
  summary: 'many images of each class: the best one in each box of a grid over measures',
  explanation:
    'The measures of an image lead to a box of a grid, and in each box the image is kept that has the most confidence, for each class by itself.',
  settings: SETTINGS,
  isMeasured: true,
  create: ({ classIndices, measures }, changes) => {
    const { cells } = resolveSettings('grid', SETTINGS, changes);
    return new NicheArchive(classIndices, new Grid(measures.map(({ lower, upper }) => ({ lower, upper, cells }))));
  },
};
