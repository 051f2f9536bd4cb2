/** @file Keeps two processes out of one run folder. */

import { closeSync, constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { ASIDE_FILE, LOCK_FILE } from './config.ts';
import { guard } from './disk-error.ts';
import { attempt, openNew, temporaryName, writeFully } from './files.ts';
import { readRegular } from './regular-file.ts';

/** A process: by its number, and where the system tells, by when it was started, since numbers come again. */
interface Owner {
  readonly pid: number;
  /** The boot of the machine, and the process's start since then; `undefined` where the system does not tell. */
  readonly start: string | undefined;
}

/** A lock has a line or two; more is none. */
const MOST_LOCK = 4096;

/**
 * Locks the folder for this process. The lock of a dead process is taken over.
 *
 * @returns a function that unlocks the folder
 * @throws InputError where another process works in it
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const own = join(folder, temporaryName(LOCK_FILE));
  // Linked into place rather than written there, so that no process ever reads half a lock.
  try {
    guard(own, () => write(own, `${process.pid}\n${startOf(process.pid) ?? ''}\n`));
    while (!guard(path, () => tryLink(own, path))) {
      const owner = readOwner(path);
      if (owner !== undefined && isAlive(owner)) {
        throw new InputError(
          `Process ${owner.pid} is working in ${folder}; wait for it, or choose another --out (if that process is another program, delete ${path})`,
        );
      }
      guard(path, () => discard(path, owner));
    }
  } finally {
    attempt(() => rmSync(own, { force: true }));
  }
  return () => rmSync(path, { force: true });
}

/** The process that works in a folder; `undefined` where none does. */
export function workerOf(folder: string): number | undefined {
  const owner = readOwner(join(folder, LOCK_FILE));
  return owner !== undefined && isAlive(owner) ? owner.pid : undefined;
}

function write(path: string, text: string): void {
  const file = openNew(path);
  try {
    writeFully(file, text);
  } finally {
    closeSync(file);
  }
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
function discard(path: string, owner: Owner | undefined): void {
  const aside = join(dirname(path), temporaryName(ASIDE_FILE));
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const now = readOwner(aside);
  if (now?.pid !== owner?.pid || now?.start !== owner?.start) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readOwner(path: string): Owner | undefined {
  try {
    const [number = '', start = ''] = readRegular(path, MOST_LOCK).toString('utf8').split('\n');
    const pid = Number(number);
    return Number.isInteger(pid) && pid > 0 ? { pid, start: start === '' ? undefined : start } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, start }: Owner): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  // Another process may have got the number since.
  return start === undefined || now === undefined || start === now;
}

/** When a process was started, as Linux tells: the boot, and ticks of the clock since then. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets and may hold anything; the 20th field behind it is the start.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? undefined : `${boot} ${ticks}`;
  } catch {
    return undefined;
  }
}
