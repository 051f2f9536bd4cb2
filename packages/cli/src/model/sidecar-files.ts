/** @file The files beside a model that say something of its card. */

import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readSidecars, type Sidecar } from '@pareidolia/core';
import { readInput } from '../data/read.ts';

/** No such file is as large, in bytes. */
const LARGEST = 16 * 1024 * 1024;

/**
 * What the files beside a model say; for a model in a folder `onnx`, as optimum and transformers.js make them, also those beside
 * that folder.
 *
 * @param model path of the model
 */
export function sidecarsOf(model: string): readonly Sidecar[] {
  const folder = dirname(resolve(model));
  const stem = basename(model).replace(/\.onnx$/i, '');
  const own = readSidecars(stem, (file) => textOf(join(folder, file)));
  if (basename(folder) !== 'onnx') return own;
  const above = readSidecars(stem, (file) => textOf(join(folder, '..', file)));
  return [...own, ...above.map((sidecar) => ({ ...sidecar, file: `../${sidecar.file}` }))];
}

/** @throws Error where it cannot be read, or is too large */
function textOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return undefined;
  if (stats.size > LARGEST) throw new Error(`it is larger than ${LARGEST / 1024 / 1024} MB`);
  return new TextDecoder().decode(readInput(path, 'file'));
}
