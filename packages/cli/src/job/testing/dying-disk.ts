/**
 * @file A disk on which a process dies: at one exact access, with half of a write done, after which nothing reaches the disk any
 * more, not even what a `finally` would tidy up. For tests that mock `node:fs` with {@link dyingDisk}.
 */

import type * as Fs from 'node:fs';

/** What the process dies of; no code under test knows it. */
class Death extends Error {}

const state = { accesses: 0, diesAt: Number.POSITIVE_INFINITY, fullFrom: Number.POSITIVE_INFINITY, dead: false };

/** The next process: counts from 0, and dies at an access, or finds the disk full from one on. */
export function nextProcess(fate: { readonly diesAt?: number; readonly fullFrom?: number } = {}): void {
  state.accesses = 0;
  state.dead = false;
  state.diesAt = fate.diesAt ?? Number.POSITIVE_INFINITY;
  state.fullFrom = fate.fullFrom ?? Number.POSITIVE_INFINITY;
}

/** Accesses of the process so far. */
export function accesses(): number {
  return state.accesses;
}

export function isDead(): boolean {
  return state.dead;
}

function access(): boolean {
  if (state.dead) throw new Death();
  state.accesses++;
  state.dead = state.accesses >= state.diesAt;
  return state.dead;
}

const CHANGING = [
  'openSync',
  'fsyncSync',
  'ftruncateSync',
  'closeSync',
  'renameSync',
  'linkSync',
  'rmSync',
  'rmdirSync',
  'mkdirSync',
  'writeFileSync',
] as const satisfies readonly (keyof typeof Fs)[];

/** `node:fs` with all that changes the disk watched. */
export function dyingDisk(fs: typeof Fs): Record<string, unknown> {
  const mocked: Record<string, unknown> = { ...fs };
  for (const name of CHANGING) {
    const original = fs[name] as (...args: unknown[]) => unknown;
    mocked[name] = (...args: unknown[]) => {
      if (access()) throw new Death();
      return original(...args);
    };
  }
  mocked.writeSync = (file: number, bytes: Uint8Array, offset: number, length: number, position: number | null) => {
    const dies = access();
    if (state.accesses >= state.fullFrom) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const written = fs.writeSync(file, bytes, offset, dies ? length >> 1 : length, position);
    if (dies) throw new Death();
    return written;
  };
  return { ...mocked, default: mocked };
}
