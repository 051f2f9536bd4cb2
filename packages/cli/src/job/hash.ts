/** @file The hash that identifies inputs. */

import { createHash } from 'node:crypto';

/** The SHA-256 digest of pieces of bytes, one after the other, in hexadecimal. */
export function sha256(...pieces: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
