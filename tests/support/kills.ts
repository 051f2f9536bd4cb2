/** @file Kills commands at chosen accesses to the disk, resumes them, and compares what they leave. */

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Ended, type Faults, pareidolia } from './command.ts';

/** A command that changes folders, by their names, and the moments at which it is killed. */
export interface Killed {
  /** The path of the folder that it changes, or works in; each name has one of its own. */
  readonly folder: (name: string) => string;
  /** Runs it to its end in the folder of that name. */
  readonly run: (name: string, faults: Faults) => Promise<Ended>;
  /** Which accesses to the disk count: those below the folder, or all by relative paths where it works. */
  readonly watched: 'folder' | 'relative';
  readonly moments: number;
  /** Where the number of accesses is left. */
  readonly count: string;
}

/**
 * Kills a command at moments spread over all its accesses to the disk, the first and the last one among them. One process is
 * really killed, in the middle. What kills at all other moments leave is copied while another one goes on: a process that is
 * killed by a signal has no say in what stays on the disk (`bench/faults.mjs` kills at each access).
 *
 * @returns the names of the folders that are left, each with its access
 */
export async function killAtMoments(killed: Killed): Promise<{ readonly at: number; readonly name: string }[]> {
  const { folder, run, watched, moments, count } = killed;
  const where = (name: string): Faults =>
    watched === 'folder' ? { FAULT_FOLDER: folder(name) } : { FAULT_RELATIVE: '1' };
  expect(await run('whole', { FAULT: 'count', FAULT_COUNT: count, ...where('whole') })).toMatchObject({ code: 0 });
  const accesses = Number.parseInt(readFileSync(count, 'utf8'), 10);
  expect(accesses).toBeGreaterThan(2 * moments);
  const all = Array.from({ length: moments }, (_, i) => 1 + Math.floor((i * (accesses - 1)) / (moments - 1)));
  const really = all[moments >> 1]!;
  const left = (at: number): string => `killed-${at}`;
  const { signal } = await run(left(really), { FAULT: `kill ${really}`, ...where(left(really)) });
  expect({ really, signal }).toEqual({ really, signal: 'SIGKILL' });
  const copied = all.filter((at) => at !== really);
  const copies: Faults = { FAULT: `copy ${copied}`, FAULT_COPIES: folder('killed-'), ...where('copied') };
  expect(await run('copied', copies)).toMatchObject({ code: 0 });
  return all.map((at) => ({ at, name: left(at) }));
}

export interface KillOptions {
  /** A folder for all runs; each works in a folder of its own in it, so that relative paths are the same. */
  readonly folder: string;
  /** The command, writing to paths relative to where it works. */
  readonly args: readonly string[];
  /** What is added to go on. */
  readonly resume: readonly string[];
  /** Kills, spread over all accesses to the disk. */
  readonly moments: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command undisturbed, then kills and resumes it: whenever that is, it ends with the same bytes. */
export async function expectSameBytesAfterKills(options: KillOptions): Promise<void> {
  const { args, resume, moments, env = {} } = options;
  const folder = (name: string): string => join(options.folder, name);
  const run = (name: string, more: readonly string[], faults?: Faults): Promise<Ended> => {
    mkdirSync(folder(name), { recursive: true });
    return pareidolia([...args, ...more], { cwd: folder(name), env, ...(faults === undefined ? {} : { faults }) });
  };
  const killed = await killAtMoments({
    folder,
    run: (name, faults) => run(name, [], faults),
    watched: 'relative',
    moments,
    count: folder('count'),
  });
  const expected = timelessFiles(folder('whole'));
  for (const { at, name } of killed) {
    const resumed = await run(name, resume);
    expect({ at, code: resumed.code, stderr: resumed.stderr }).toMatchObject({ at, code: 0 });
    expect({ at, ...timelessFiles(folder(name)) }).toEqual({ at, ...expected });
  }
}

/** All files below a folder, each with its content, but for the time that things took. */
export function timelessFiles(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), timeless(path)]));
}

function timeless(path: string): string {
  const text = readFileSync(path, 'latin1');
  if (/\.jsonl?$/.test(path)) return text.replaceAll(/"(seconds|\w+PerSecond)":\s*[\d.e+-]+/g, '"$1":0');
  // Durations as people read them: `12 s`, `3 min`.
  if (path.endsWith('.html')) return text.replaceAll(/[\d.]+(?:\xc2\xa0| )(?:ms|s|min|h|d)\b/g, '-');
  return text;
}
