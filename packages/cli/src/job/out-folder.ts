import { existsSync, readdirSync, statSync } from 'node:fs';
import { InputError } from '@pareidolia/core';
import { requireOpenFolder } from './files.ts';

/**
 * Makes sure that a folder for results is not there yet, or empty.
 *
 * @throws InputError where it is a file, something is in it, or nothing may be written to it
 */
export function requireEmptyFolder(out: string): void {
  if (!existsSync(out)) return;
  if (!statSync(out).isDirectory()) throw new InputError(`${out} is a file; choose a folder as --out`);
  if (readdirSync(out).length > 0) {
    throw new InputError(`${out} exists already and is not empty; choose another --out`);
  }
  requireOpenFolder(out);
}
