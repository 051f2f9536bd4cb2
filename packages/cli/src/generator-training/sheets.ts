/** @file The sheets of samples in the folder of a training, one for each epoch. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../job/disk-error.ts';
import { makeFolderIn, removeTemporaries, writeAtomically } from '../job/files.ts';

/** The folder of the sheets. */
export const SHEETS = 'samples';

/** Whether a file of that name in {@link SHEETS} is one. */
function isSheet(name: string): boolean {
  return /^epoch-\d+\.png$/.test(name);
}

/** @param epochs of the whole training: names have as many digits */
export function writeSheet(folder: string, epoch: number, epochs: number, png: Uint8Array): void {
  const sheets = makeFolderIn(folder, SHEETS);
  writeAtomically(join(sheets, `epoch-${String(epoch).padStart(String(epochs).length, '0')}.png`), png);
}

/**
 * Removes what a kill left half-written.
 *
 * @param resumed else the sheets of a training that is replaced, which may have had more epochs, are removed, too
 */
export function tidySheets(folder: string, resumed: boolean): void {
  const sheets = join(folder, SHEETS);
  if (!existsSync(sheets)) return;
  removeTemporaries(sheets, isSheet);
  if (resumed) return;
  for (const name of readdirSync(sheets)) if (isSheet(name)) guard(sheets, () => rmSync(join(sheets, name)));
}
