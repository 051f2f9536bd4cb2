/** @file Reading files that the user named. */

import { readFileSync } from 'node:fs';
import { InputError } from '@pareidolia/core';

/**
 * The bytes of a file.
 *
 * @param what it should be, for the error ("model")
 * @throws InputError where it is not there or cannot be read
 */
export function readInput(path: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new InputError(`The ${what} ${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

/**
 * The content of a JSON file.
 *
 * @throws InputError where it is not there or is not JSON
 */
export function readJson(path: string, what: string): unknown {
  const text = new TextDecoder().decode(readInput(path, what));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`The ${what} ${path} is not JSON: ${(cause as Error).message.replaceAll(/\s+/g, ' ')}`, {
      cause,
    });
  }
}

/** Why a file cannot be read, in words. */
export function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file; check the path';
  if (code === 'EISDIR') return 'it is a folder; name a file in it';
  if (code === 'EACCES' || code === 'EPERM') return 'you are not allowed to; check its permissions';
  if (code === 'ELOOP') return 'its links lead in a circle';
  if (code === 'ERR_FS_FILE_TOO_LARGE') return 'it is larger than 2 GiB';
  return message;
}
