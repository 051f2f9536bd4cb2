/** @file What of the catalog is in the data folder. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { hasChecksum } from './checksum.ts';
import type { CatalogFile, CatalogItem } from './items.ts';

/** `other`: there is a file of that name, and it is not the published one. */
export type FileState = 'there' | 'missing' | 'other';

export interface StateOfFile {
  /** In the data folder. */
  readonly path: string;
  readonly state: FileState;
}

/** The files that an item comes to on disk: the members of an archive, not the archive. */
export function pathsOf(item: CatalogItem): readonly string[] {
  return item.files.flatMap(({ path, members }) =>
    members === undefined ? [path] : Object.values(members).map((member) => member.path),
  );
}

/** Whether all files of an item are there, by their names alone. */
export function isThere(item: CatalogItem, folder: string): boolean {
  return pathsOf(item).every((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile());
}

/** Looks at every byte. Of the members of an archive, whose checksums are not published, the size is looked at. */
export async function stateOf(item: CatalogItem, folder: string): Promise<readonly StateOfFile[]> {
  const states: StateOfFile[] = [];
  for (const file of item.files) {
    if (file.members === undefined) states.push({ path: file.path, state: await stateOfFile(file, folder) });
    for (const { path, bytes } of Object.values(file.members ?? {})) {
      const size = statSync(join(folder, path), { throwIfNoEntry: false })?.size;
      states.push({ path, state: size === undefined ? 'missing' : size === bytes ? 'there' : 'other' });
    }
  }
  return states;
}

async function stateOfFile({ path, checksum, unpacked }: CatalogFile, folder: string): Promise<FileState> {
  const place = join(folder, path);
  if (statSync(place, { throwIfNoEntry: false })?.isFile() !== true) return 'missing';
  if (await hasChecksum(place, checksum)) return 'there';
  return unpacked !== undefined && (await hasChecksum(place, unpacked, true)) ? 'there' : 'other';
}
