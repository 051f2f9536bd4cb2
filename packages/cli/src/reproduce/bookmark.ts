import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
/**
 * @file Where a long unit of work was left: a file beside the ledger, replaced now and then, and gone when the unit is
 * done.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Bookmark, Recordable } from '@pareidolia/lab';
import { writeAtomically } from '../run/files.ts';

/** Milliseconds between two writes. */
const EVERY = 30_000;

/** @param ledger path of the ledger that the unit belongs to */
export function bookmarkFile(ledger: string, key: string): string {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${ledger.replace(/\.jsonl$/, '')}-${name}.bookmark`;
}

/** @param signal once aborted, every offer is written */
export function openBookmark(path: string, signal: AbortSignal, now = () => performance.now()): Bookmark {
  let written = now();
  return {
    value: existsSync(path) ? (decodeMessage(readFileSync(path)) as Recordable) : undefined,
    offer: (make) => {
      if (!signal.aborted && now() - written < EVERY) return;
      writeAtomically(path, encodeMessage(make()));
      written = now();
    },
  };
}
