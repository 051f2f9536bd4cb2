/** @file Whether a file is the one that was published. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Checksum } from './items.ts';

/** Whether the bytes of a file have a checksum; with `unpack`, what the `.gz` file contains. */
export async function hasChecksum(path: string, checksum: Checksum, unpack = false): Promise<boolean> {
  const wanted = Object.entries(checksum);
  const hashes = wanted.map(([algorithm]) => createHash(algorithm));
  const look = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) for (const hash of hashes) hash.update(chunk);
    yield '';
  };
  const drain = async (rest: AsyncIterable<unknown>) => {
    for await (const _ of rest);
  };
  try {
    if (unpack) await pipeline(createReadStream(path), createGunzip(), look, drain);
    else await pipeline(createReadStream(path), look, drain);
  } catch (error) {
    // Not packed, or cut off.
    if (unpack && String((error as NodeJS.ErrnoException).code).startsWith('Z_')) return false;
    throw error;
  }
  return wanted.every(([, digest], index) => hashes[index]!.digest('hex') === digest);
}
