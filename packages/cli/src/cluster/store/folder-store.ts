/** @file Objects in a folder, `objects/ab/abcd...`; several machines may share it. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  attempt,
  makeFolder,
  makeFolderIn,
  readBytesIfThere,
  replaceFile,
  writeAtomicallyAside,
} from '../../job/files.ts';
import { sha256 } from '../../job/hash.ts';
import type { ObjectStore } from './store.ts';

export const OBJECTS = 'objects';

export class FolderStore implements ObjectStore {
  readonly where: string;
  readonly most = 2 ** 31 - 1;
  /** Objects that are being written. */
  readonly #writing = new Map<string, Promise<void>>();

  /** @throws InputError where no folder can be made there */
  constructor(folder: string) {
    this.where = folder;
    makeFolder(folder);
  }

  async get(hash: string): Promise<Uint8Array | undefined> {
    const path = join(this.where, OBJECTS, hash.slice(0, 2), hash);
    const bytes = readBytesIfThere(path, this.most);
    if (bytes === undefined) return undefined;
    if (sha256(bytes) === hash) return new Uint8Array(bytes);
    // A machine may have lost power; what can be made again is.
    attempt(() => rmSync(path, { force: true }));
    return undefined;
  }

  discard(hash: string): void {
    attempt(() => rmSync(join(this.where, OBJECTS, hash.slice(0, 2), hash), { force: true }));
  }

  async put(hash: string, bytes: Uint8Array, lasts = true): Promise<void> {
    const writing = this.#writing.get(hash) ?? this.#write(hash, bytes, lasts);
    this.#writing.set(hash, writing);
    try {
      await writing;
    } finally {
      this.#writing.delete(hash);
    }
  }

  async #write(hash: string, bytes: Uint8Array, lasts: boolean): Promise<void> {
    if ((await this.get(hash)) !== undefined) return;
    const path = join(makeFolderIn(this.where, OBJECTS, hash.slice(0, 2)), hash);
    if (lasts) await writeAtomicallyAside(path, bytes);
    else replaceFile(path, bytes);
  }
}
