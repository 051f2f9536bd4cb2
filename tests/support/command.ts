/** @file Runs the built command as a process of its own, or in one that has run others before. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWarm } from './warm-command.ts';

export const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/pareidolia.js', import.meta.url));
/** What is loaded into a process before the command to let it go wrong. */
export const FAULTS = new URL('./faults.mjs', import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Faults by name, as `faults.mjs` reads them. */
export type Faults = Readonly<
  Partial<Record<'FAULT' | 'FAULT_FOLDER' | 'FAULT_RELATIVE' | 'FAULT_RENAME' | 'FAULT_COUNT' | 'FAULT_COPIES', string>>
>;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly faults?: Faults;
  /** Called with the process once it has started. */
  readonly started?: (child: ChildProcess) => void;
  /** The command gets a process of its own, also where it needs none. */
  readonly alone?: boolean;
}

/**
 * Runs the command to its end. One that is to be stopped or killed, that runs beside another one or is asked for alone has a
 * process of its own, as each has in `npm run test:long`; all others share one, in which everything is loaded already.
 */
export function pareidolia(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { cwd, env, faults, started, alone = process.env.PAREIDOLIA_LONG === '1' } = options;
  // Models of tests are no strangers': a second process for each would take more time than all that is tested.
  const environment = { ...process.env, PAREIDOLIA_TRUST_MODELS: '1', ...env };
  const isSignalled = /^(kill|interrupt|halt) /.test(faults?.FAULT ?? '');
  if (!alone && !isSignalled && started === undefined) {
    const ended = runWarm({ command: COMMAND, args, cwd: cwd ?? process.cwd(), env: { ...environment, ...faults } });
    if (ended !== undefined) return ended;
  }
  const child = spawn(process.execPath, [...(faults ? ['--import', FAULTS] : []), COMMAND, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...environment, ...faults },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A new empty folder, and a way to be rid of it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'pareidolia-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Each file of a folder with a digest of its bytes. */
export function digests(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(names.map((name) => [name, digest(name)]));
}
