/** @file Folders that versions before job folders wrote: they are recognized, so that they can be refused by their version. */

import { join } from 'node:path';
import { readIfThere } from './files.ts';

/**
 * The marks of folders of format 1. `config.json` lay in those of `fool`, `reproduce.json` in those of `reproduce`, and `attack`
 * left its results only.
 */
const MARKS = [
  { file: 'config.json', field: 'pareidolia' },
  { file: 'reproduce.json', field: 'version' },
  { file: 'summary.json', field: 'version' },
] as const;

/** The version of Pareidolia that wrote a folder of format 1; `undefined` where the folder is none. */
export function formerJob(folder: string): string | undefined {
  const contents = new Map(MARKS.map(({ file }) => [file, fieldsOf(readIfThere(join(folder, file)))]));
  // Since format 2 every folder has this field.
  if (contents.get('config.json')?.format !== undefined) return undefined;
  for (const { file, field } of MARKS) {
    const version = contents.get(file)?.[field];
    if (typeof version === 'string') return version;
  }
  return undefined;
}

function fieldsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
