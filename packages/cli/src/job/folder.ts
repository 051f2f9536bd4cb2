/**
 * @file The folder of one job: locked by one process, begun or resumed, and removed again if the job saved nothing.
 *
 *     config.json          what was asked for, with versions and hashes of all inputs
 *     lock                 the process that works in it
 *     journal.jsonl        finished work units (a job may have several journals)
 *     <key>.checkpoint     how far a long unit has come
 *     ...                  results and report, which follow from the journal
 */

import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '@pareidolia/core';
import { Checkpoint, type CheckpointOptions } from './checkpoint.ts';
import {
  CONFIG_FILE,
  type JobConfig,
  type JobKind,
  readConfig,
  requireSameInput,
  requireSameJob,
  writeConfig,
} from './config.ts';
import { makeFolder, removeTemporaries } from './files.ts';
import { sha256 } from './hash.ts';
import { Journal } from './journal.ts';
import { LineLog } from './line-log.ts';
import { lockFolder } from './lock.ts';

const LOCK = 'lock';

/**
 * How a folder is opened: `begin` wants one that is new or empty; `resume` goes on with the job in it, and begins one where it
 * is empty; `replace` throws away what another job of the same command has left.
 */
export type OpenMode = 'begin' | 'resume' | 'replace';

/** What may change in a configuration when its job is resumed. */
export type Changes<Settings> = Pick<JobConfig<Settings>, 'settings' | 'command'>;

/** An open job folder. {@link close} it in every case. */
export class JobFolder<Settings extends object> {
  readonly path: string;
  /** Whether there was a job to go on with. */
  readonly resumed: boolean;
  readonly #release: (keep: boolean) => void;
  readonly #journals = new Map<string, Journal>();
  readonly #opened: { close(): void }[] = [];
  #config: JobConfig<Settings>;
  #kept: boolean;

  /**
   * Locks a folder for a job.
   *
   * @param merge what changes where a job is resumed, out of its configuration and the new one: settings that are free to, and the
   * command; the new ones when absent
   * @throws InputError where the folder is in use, not empty, of another command, of another version, or where the job in it
   * was asked for something else; DiskFullError
   */
  static open<Settings extends object>(
    path: string,
    kind: JobKind<Settings>,
    config: JobConfig<Settings>,
    mode: OpenMode,
    merge: (before: JobConfig<Settings>, now: JobConfig<Settings>) => Changes<Settings> = (_, now) => now,
  ): JobFolder<Settings> {
    requireRoom(path, kind, mode);
    const created = makeFolder(path);
    const unlock = lockFolder(path);
    const release = (keep: boolean): void => {
      if (!keep) clear(path);
      unlock();
      if (!keep && created !== undefined) removeCreated(resolve(path), resolve(created));
    };
    let keep = true;
    try {
      removeTemporaries(path);
      const before = readConfig(path, kind);
      if (before === undefined || mode === 'begin') requireEmpty(path, mode);
      else if (mode === 'resume') requireSameJob(path, kind, before, config);
      else clear(path);
      const resumed = before !== undefined && mode === 'resume';
      keep = resumed;
      const merged = resumed ? resumedConfig(before, config, merge(before, config)) : config;
      if (!resumed || !isDeepStrictEqual(merged, before)) writeConfig(path, merged);
      return new JobFolder(path, merged, resumed, release);
    } catch (error) {
      release(keep);
      throw error;
    }
  }

  private constructor(path: string, config: JobConfig<Settings>, resumed: boolean, release: (keep: boolean) => void) {
    this.path = path;
    this.resumed = resumed;
    this.#config = config;
    this.#kept = resumed;
    this.#release = release;
  }

  get config(): JobConfig<Settings> {
    return this.#config;
  }

  /**
   * Notes an input when it is first read, or compares it with what it was then.
   *
   * @throws InputError where it has changed since
   */
  useInput(name: string, input: JobConfig<Settings>['inputs'][string]): void {
    requireSameInput(this.path, this.#config, name, input.sha256);
    if (this.#config.inputs[name] !== undefined) return;
    this.#config = { ...this.#config, inputs: { ...this.#config.inputs, [name]: input } };
    writeConfig(this.path, this.#config);
  }

  /** A journal of finished work units, opened when it is first asked for. */
  journal(name = 'journal'): Journal {
    const known = this.#journals.get(name);
    if (known !== undefined) return known;
    const journal = this.#closeLater(new Journal(join(this.path, `${name}.jsonl`), () => this.keep()));
    this.#journals.set(name, journal);
    return journal;
  }

  /**
   * Opens a log of what happens within a unit.
   *
   * @param length as the unit's checkpoint says; 0 begins anew
   */
  log<Line>(name: string, length: number): LineLog<Line> {
    return this.#closeLater(new LineLog<Line>(join(this.path, `${name}.jsonl`), length));
  }

  /**
   * The checkpoint of a unit.
   *
   * @param options `journal` is the name of the journal that the unit belongs to
   */
  checkpoint(key: string, options: Omit<CheckpointOptions, 'onWrite'> & { readonly journal?: string }): Checkpoint {
    const { journal = 'journal', ...rest } = options;
    return new Checkpoint(this.#checkpointPath(key, journal), { ...rest, onWrite: () => this.keep() });
  }

  /** Removes the checkpoint of a finished unit: it is left where the process died just after the unit. */
  discardCheckpoint(key: string, journal = 'journal'): void {
    rmSync(this.#checkpointPath(key, journal), { force: true });
  }

  #checkpointPath(key: string, journal: string): string {
    return join(this.path, `${journal}-${sha256(key).slice(0, 12)}.checkpoint`);
  }

  /** Marks the folder as worth keeping. */
  keep(): void {
    this.#kept = true;
  }

  /** Unlocks the folder. A new job that has saved nothing leaves nothing behind. */
  close(): void {
    for (const each of this.#opened) each.close();
    this.#release(this.#kept);
  }

  #closeLater<T extends { close(): void }>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }
}

function resumedConfig<Settings>(
  before: JobConfig<Settings>,
  now: JobConfig<Settings>,
  { settings, command }: Changes<Settings>,
): JobConfig<Settings> {
  const merged = { ...before, inputs: { ...before.inputs, ...now.inputs }, settings, command };
  // In the order of before, so that a configuration that has not changed stays the same to the byte.
  return isDeepStrictEqual(merged, before) ? before : merged;
}

/** A name `<stem>-<n>` with the first number that is free. */
export function freeFolder(stem: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${stem}-${n}`)) return `${stem}-${n}`;
}

/**
 * Finds out whether a job can be begun or resumed in a folder, before its inputs are read.
 *
 * @throws InputError where it cannot
 */
export function requireRoom<Settings>(path: string, kind: JobKind<Settings>, mode: OpenMode): void {
  // A path below a file does not exist either; creating it gives the error later.
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) throw new InputError(`${path} is a file; choose a folder as --out`);
  readConfig(path, kind);
  if (mode === 'begin') requireEmpty(path, mode);
}

/** A job that was killed before it could write down what it is asked to do leaves an empty folder, but for the lock. */
function requireEmpty(path: string, mode: OpenMode): void {
  if (readdirSync(path).every((name) => name === LOCK || name.startsWith(`${LOCK}.`))) return;
  throw new InputError(
    mode === 'begin'
      ? `${path} exists already and is not empty; add --resume to go on with the job in it, or choose another --out`
      : `${path} holds no job that could be resumed; choose another --out`,
  );
}

/** The configuration goes last: as long as anything is left, the folder says what it is. */
function clear(path: string): void {
  const names = readdirSync(path).filter((name) => name !== LOCK && name !== CONFIG_FILE);
  for (const name of [...names, CONFIG_FILE]) rmSync(join(path, name), { recursive: true, force: true });
}

/** Removes folders from the innermost to the outermost, as long as they are empty. */
function removeCreated(innermost: string, outermost: string): void {
  for (let folder = innermost; ; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
    if (folder === outermost) return;
  }
}
