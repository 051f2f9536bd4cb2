/** @file Where objects lie: models, images, results, each under the SHA-256 of its bytes. */

import { InputError } from '@pareidolia/core';
import { sha256 } from '../../job/hash.ts';

export interface ObjectStore {
  /** In words, without secrets. */
  readonly where: string;
  /** Bytes of one object, at most. */
  readonly most: number;
  /**
   * @returns bytes that have the hash; `undefined` where there are none
   * @throws InputError where there are others under that name, or more than `most`
   */
  get(hash: string): Promise<Uint8Array | undefined>;
  /**
   * Keeps bytes under their hash; doing it again, or for several objects at once, is harmless.
   *
   * @param lasts whether they have to outlive a power cut, where the store is a folder; they do when absent
   */
  put(hash: string, bytes: Uint8Array, lasts?: boolean): Promise<void>;
  /** Removes an object for good, where the store is the campaign's own. */
  discard?(hash: string): void;
  /** Lets go of an object that nobody needs any more, where the store is only a way. */
  forget?(hash: string): Promise<void>;
}

/** @throws InputError where the bytes are others */
export function requireHash(bytes: Uint8Array, hash: string, where: string): Uint8Array {
  const found = sha256(bytes);
  if (found === hash) return bytes;
  throw new InputError(
    `${where} has other bytes under ${hash.slice(0, 12)}... (SHA-256 ${found.slice(0, 12)}...), so they are not used`,
  );
}

/** @throws InputError where an object is too large for the store */
export function requireRoomFor(size: number, { most, where }: Pick<ObjectStore, 'most' | 'where'>): void {
  if (size <= most) return;
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new InputError(
    `An object of ${mebibytes(size)} does not go through ${where}, which takes ${mebibytes(most)}; give --store, a folder or an address that the campaign and all workers reach`,
  );
}
