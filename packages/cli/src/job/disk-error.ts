/** @file What the system says when a file cannot be written or read, in words and in one sentence. */

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { InputError } from '@pareidolia/core';
import { UnfitFileError } from './regular-file.ts';

/** The disk, or what it is reached by, has failed. What was there before is unharmed. */
export class DiskError extends Error {
  override name = 'DiskError';

  /** The same error with the command that goes on with what was saved. */
  before(command: string): DiskError {
    const kind = this.constructor as typeof DiskError;
    return new kind(`${this.message}; what was saved before is good, and goes on with: ${command}`, { cause: this });
  }
}

/** The disk has no room. */
export class DiskFullError extends DiskError {
  override name = 'DiskFullError';
}

/** What is wrong, and what helps, by the system's name of the error. */
const WORDS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: ['The disk is full', 'free some space'],
  EDQUOT: ['The disk is full: your quota is used up', 'free some space'],
  EFBIG: ['The file is too large for this disk, or for the limit of your shell (ulimit -f)', 'raise the limit'],
  EIO: ['The disk reports an input/output error', 'check the disk'],
  ESTALE: ['The network folder is gone (stale file handle)', 'mount it again'],
  EROFS: ['The disk is read-only', 'mount it writable'],
  EMFILE: ['Too many files are open in this process', 'raise the limit (ulimit -n)'],
  ENFILE: ['Too many files are open on this machine', 'close some programs'],
  ENOMEM: ['The system has no memory left', 'close some programs'],
  ENOENT: ['The folder is gone', 'put it back'],
  ENAMETOOLONG: ['The path is too long', 'choose a shorter one'],
  ENODEV: ['The disk is gone', 'connect it again'],
  ENXIO: ['The disk is gone', 'connect it again'],
  ENOTCONN: ['The network folder is gone', 'mount it again'],
  ETIMEDOUT: ['The network folder does not answer', 'check the network'],
  EHOSTDOWN: ['The network folder does not answer', 'check the network'],
};

/** Codes of places where this user may not write. */
const FORBIDDEN: readonly string[] = ['EACCES', 'EPERM'];

/** Codes that only a fault of this program gives. */
const OWN_FAULTS: readonly string[] = ['EBADF', 'EINVAL', 'EFAULT'];

/** Codes of a disk that fails; those of other errors depend on what the user named. */
const FAILURES: ReadonlySet<string> = new Set(
  Object.keys(WORDS).filter((code) => !['ENOENT', 'ENAMETOOLONG'].includes(code)),
);

/** The system's name of an error, `ENOSPC`; also of those that Node does not know. `undefined` where it is no error of the system. */
export function systemCode(error: unknown): string | undefined {
  const { errno, code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (typeof code !== 'string') return undefined;
  // "Unknown system error -122" is EDQUOT, for which libuv has no name.
  if (typeof errno === 'number' && code.startsWith('Unknown system error')) {
    const known = Object.entries(constants.errno).find(([, number]) => number === -errno);
    return known?.[0] ?? code;
  }
  return syscall === undefined && !(code in WORDS) ? undefined : code;
}

/** Whether the disk itself has failed, rather than that something is not there. */
export function isFailure(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && FAILURES.has(code);
}

/**
 * One sentence for an error of the system.
 *
 * @param what was to be done, as the end of "... could not be"
 * @returns the error itself where it is none of the system
 */
export function diskError(path: string, error: unknown, what: 'written' | 'read' = 'written'): unknown {
  const code = systemCode(error);
  if (code === undefined || OWN_FAULTS.includes(code)) return error;
  const [problem, remedy] = WORDS[code] ?? [`The system says "${systemMessage(error)}"`, 'mend that'];
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? DiskFullError : DiskError;
  return new kind(`${problem}: ${path} could not be ${what} (${code}); ${remedy}`, { cause: error });
}

function systemMessage(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
}

/**
 * Turns errors of the disk, missing permissions and files that are none into errors that say so.
 *
 * @throws DiskError; InputError where something stands at the place that the user named, or it is closed to them
 */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof UnfitFileError) throw unfit(path, error);
    if (FORBIDDEN.includes(systemCode(error) ?? '')) throw forbidden(path, error);
    throw diskError(path, error);
  }
}

/** @param cause why nothing can be written there */
export function forbidden(path: string, cause: unknown): InputError {
  return new InputError(
    `${path} may not be written (${systemCode(cause)}); mend its permissions, or choose another place`,
    { cause },
  );
}

/** Something stands where a file of a job should. */
export function unfit(path: string, cause: UnfitFileError): InputError {
  return new InputError(`${path} cannot be used: ${cause.message}; remove it, or choose another --out`, { cause });
}
