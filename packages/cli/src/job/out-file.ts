/** @file A file that a command writes beside or in place of what is there. */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '@pareidolia/core';
import { requireOpenFolder } from './files.ts';

/**
 * Finds out whether a file may be written, before there is anything to write.
 *
 * @param out of the option `--out`
 * @param model path of the model that the file is made from; `undefined` for the embedded one
 * @param force whether an existing file is replaced
 * @throws InputError where it may not
 */
export function requireFreeFile(out: string, model: string | undefined, force: boolean): void {
  if (out === '') throw new InputError('--out is empty; give the name of a file, or leave it out');
  const folder = dirname(out);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new InputError(`There is no folder ${folder} for ${out}; make it, or choose another --out`);
  }
  requireOpenFolder(folder);
  if (!existsSync(out)) return;
  if (statSync(out).isDirectory()) throw new InputError(`${out} is a folder; choose a file for --out`);
  if (model !== undefined && realpathSync(resolve(model)) === realpathSync(resolve(out))) {
    throw new InputError(`${out} is the model itself; choose another --out`);
  }
  if (!force) throw new InputError(`${out} exists already; add --force to replace it, or choose another --out`);
}
