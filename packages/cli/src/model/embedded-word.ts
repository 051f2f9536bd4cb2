/** @file Names of what is embedded, where a configuration file or a plan uses them: its folder may be another than the current one. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';

/** Whether there is a file, which then comes before what is embedded under that name; a folder of data does not. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * What the name of an embedded network or generator in a file of `folder` stands for.
 *
 * @returns the path of a file of that name in that folder, or else the name
 * @throws InputError where the name would be taken for a file of the current folder
 */
export function embeddedWord(name: string, folder: string): string {
  const path = join(folder, name);
  if (isFile(path)) return path;
  if (isFile(name)) {
    throw new InputError(
      `${name} means what is embedded, since there is no file ${path}; but the current folder has a file ${name}, which would be taken instead: rename it, or start the command in another folder`,
    );
  }
  return name;
}
