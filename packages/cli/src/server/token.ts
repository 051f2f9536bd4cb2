/** @file The token that opens the studio: a new one at each start, or one that is kept, so that pages find their server again. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { cacheFolder } from '../data/folder.ts';
import { makeFolder, writeAtomically } from '../job/files.ts';

const FORM = /^[\w-]{43}$/;

/** Characters of a token that the user chooses: nobody guesses 20. */
const LEAST = 20;

/**
 * The token of a start: a new one, unless the user asks for another.
 *
 * @param asked `keep` for that of the last start with `keep`, or a token
 * @throws InputError where a token is short, or has characters that an address does not take
 */
export function studioToken(asked: string | undefined, folder?: string): string {
  if (asked === undefined) return newToken();
  if (asked === 'keep') return keptToken(folder);
  if (/^[\w-]+$/.test(asked) && asked.length >= LEAST) return asked;
  throw new InputError(`--token takes keep, or at least ${LEAST} letters, digits, hyphens and underscores`);
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The user's token; one for this process alone where none can be kept. */
function keptToken(folder = join(cacheFolder(), 'studio')): string {
  const path = join(folder, 'token');
  try {
    const kept = readFileSync(path, 'utf8').trim();
    // One that others could read is replaced. Windows has no such bits.
    const isOpen = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
    if (FORM.test(kept) && !isOpen) return kept;
  } catch {
    // There is none yet.
  }
  const token = newToken();
  try {
    makeFolder(folder);
    writeAtomically(path, token, { mode: 0o600 });
  } catch {
    // Pages must then be opened anew after a restart; nothing else is lost.
  }
  return token;
}

/** Milliseconds in which a browser has to come up. */
const CODE_LASTS = 5 * 60_000;

/**
 * A code that is exchanged for the token, once and within a short time. The address that a browser is started with can be read by others
 * on the machine, in the list of processes; by the time that they have, it opens nothing.
 */
export class OneTimeCode {
  readonly text = randomBytes(32).toString('base64url');
  readonly #now: () => number;
  readonly #made: number;
  #isUsed = false;

  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#made = now();
  }

  /** Whether nothing is taken any more. */
  get isSpent(): boolean {
    return this.#isUsed || this.#now() - this.#made > CODE_LASTS;
  }

  /** Whether it is this code, for the first time, and soon enough. */
  take(given: unknown): boolean {
    if (this.isSpent || typeof given !== 'string' || !isSame(given, this.text)) return false;
    this.#isUsed = true;
    return true;
  }
}

/** Whether an `Authorization` header has the token. */
export function hasToken(header: string | undefined, token: string): boolean {
  return isSame(header ?? '', `Bearer ${token}`);
}

/** Takes the same time whatever is given. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
