/** @file Keeps two processes out of one run folder. */

import { constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { guard } from './files.ts';

/**
 * Locks the folder for this process. The lock of a dead process is taken over.
 *
 * @returns a function that unlocks the folder
 * @throws InputError where another process works in it
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const own = `${path}.${process.pid}.tmp`;
  // Linked into place rather than written there, so that no process ever reads half a lock.
  guard(own, () => writeFileSync(own, `${process.pid}\n`));
  try {
    while (!tryLink(own, path)) {
      const owner = readOwner(path);
      if (owner !== undefined && isAlive(owner)) {
        throw new InputError(
          `Process ${owner} is working in ${folder}; wait for it, or choose another --out (if that process is another program, delete ${path})`,
        );
      }
      discard(path, owner, own);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(path, { force: true });
}

/** The process that works in a folder; `undefined` where none does. */
export function workerOf(folder: string): number | undefined {
  const owner = readOwner(join(folder, 'lock'));
  return owner !== undefined && isAlive(owner) ? owner : undefined;
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Some file systems (exFAT, some network shares) have no links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS') return tryCopy(own, path);
    throw error;
  }
}

function tryCopy(own: string, path: string): boolean {
  try {
    copyFileSync(own, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead lock out of the way; gives it back where, in the meantime, it has become another's. */
function discard(path: string, owner: number | undefined, own: string): void {
  const aside = `${own}.aside.tmp`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readOwner(aside) !== owner) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readOwner(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
