/** @file All archives, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { cvt } from './centroidal-voronoi.ts';
import { classes } from './class-archive.ts';
import { decisions } from './decision-archive.ts';
import { fewest } from './fewest-archive.ts';
import { gridNiches } from './grid-niches.ts';
import type { ArchiveKind } from './kind.ts';

/** In the order in which they are listed; the first is taken where the user chooses none. */
export const ARCHIVES: readonly ArchiveKind[] = [classes, decisions, fewest, gridNiches, cvt];

/** Name of the archive that is taken where the user chooses none. */
export const DEFAULT_ARCHIVE = ARCHIVES[0]!.name;

/** @throws InputError where there is none of that name */
export function archiveNamed(name: string): ArchiveKind {
  const found = ARCHIVES.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'archive',
      name,
      ARCHIVES.map((each) => each.name),
    ),
  );
}
