/** @file Kills commands at chosen accesses to the disk, resumes them, and compares what they leave. */

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Ended, type Faults, pareidolia } from './command.ts';

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
  const { folder, args, resume, moments, env = {} } = options;
  const run = (name: string, more: readonly string[], faults?: Faults): Promise<Ended> => {
    mkdirSync(join(folder, name), { recursive: true });
    return pareidolia([...args, ...more], {
      cwd: join(folder, name),
      env,
      ...(faults === undefined ? {} : { faults }),
    });
  };
  const count = join(folder, 'count');
  const whole = await run('whole', [], { FAULT: 'count', FAULT_RELATIVE: '1', FAULT_COUNT: count });
  expect(whole).toMatchObject({ code: 0 });
  const accesses = Number.parseInt(readFileSync(count, 'utf8'), 10);
  expect(accesses).toBeGreaterThan(2 * moments);
  const expected = timelessFiles(join(folder, 'whole'));
  for (let moment = 0; moment < moments; moment++) {
    const at = 1 + Math.floor((moment * (accesses - 1)) / (moments - 1));
    const name = `killed-${at}`;
    const killed = await run(name, [], { FAULT: `kill ${at}`, FAULT_RELATIVE: '1' });
    expect({ at, signal: killed.signal }).toEqual({ at, signal: 'SIGKILL' });
    const resumed = await run(name, resume);
    expect({ at, code: resumed.code, stderr: resumed.stderr }).toMatchObject({ at, code: 0 });
    expect({ at, ...timelessFiles(join(folder, name)) }).toEqual({ at, ...expected });
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
