/** @file Reads the image of an elite. */

import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { readBytesIfThere } from '../job/files.ts';

/** Bytes of the PNG of an elite, at most. */
const MOST_PNG = 2 ** 30;

/**
 * The PNG of an elite.
 *
 * @param file relative to the run folder
 * @throws InputError where it is gone
 */
export function readElite(run: string, file: string): Uint8Array {
  const path = join(run, file);
  const bytes = readBytesIfThere(path, MOST_PNG);
  if (bytes === undefined) throw new InputError(`${path} is gone; resume the run to write it again`);
  return new Uint8Array(bytes);
}
