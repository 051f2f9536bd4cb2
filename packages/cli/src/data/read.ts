/** @file Reading files that the user named. */

import { InputError } from '@pareidolia/core';
import { diskError, isFailure } from '../job/disk-error.ts';
import { FOLDER, readRegular } from '../job/regular-file.ts';

/** Bytes that are read at once, at most. */
const MOST = 2 ** 31 - 1;

/**
 * The bytes of a file.
 *
 * @param what it should be, for the error ("model")
 * @throws InputError where it is not there, cannot be read or is no file; DiskError
 */
export function readInput(path: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readRegular(path, MOST, { follow: true }));
  } catch (cause) {
    if (isFailure(cause)) throw diskError(path, cause, 'read');
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
  if (code === 'EISDIR' || message === FOLDER) return 'it is a folder; name a file in it';
  if (code === 'EACCES' || code === 'EPERM') return 'you are not allowed to; check its permissions';
  if (code === 'ELOOP') return 'its links lead in a circle';
  if (code === 'ENAMETOOLONG') return 'its name is too long';
  if (code === 'ENOTDIR') return 'there is a file where its path has a folder; check the path';
  if (code === 'ERR_INVALID_ARG_VALUE') return 'its name has a NUL in it';
  return message;
}
