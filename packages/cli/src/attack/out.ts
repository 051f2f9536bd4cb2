/** @file The folder that an attack writes to. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { InputError } from '@pareidolia/core';

/** @throws InputError where there is something already: results are never overwritten */
export function requireFreeFolder(path: string): void {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) throw new InputError(`${path} is a file; choose a folder as --out`);
  if (readdirSync(path).length > 0) throw new InputError(`${path} holds something already; choose another --out`);
}
