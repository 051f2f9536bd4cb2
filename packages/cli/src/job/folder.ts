/**
 * @file The folder of one job: locked by one process, begun or resumed, and removed again if the job saved nothing.
 *
 *     config.json          what was asked for, with versions and hashes of all inputs
 *     lock                 the process that works in it
 *     journal.jsonl        finished work units (a job may have several journals)
 *     <key>.checkpoint     how far a long unit has come
 *     ...                  results and report, which follow from the journal
 */

import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '@pareidolia/core';
import type { z } from 'zod';
import { Checkpoint, type CheckpointOptions } from './checkpoint.ts';
import {
  CONFIG_FILE,
  isOwnFile,
  type JobConfig,
  type JobKind,
  LOCK_FILE,
  readConfig,
  requireSameInput,
  requireSameJob,
  writeConfig,
} from './config.ts';
import { DiskError, diskError, unfit } from './disk-error.ts';
import { attempt, finalName, makeFolder, removeTemporaries, requireOpenFolder } from './files.ts';
import { sha256 } from './hash.ts';
import { Journal } from './journal.ts';
import { LineLog } from './line-log.ts';
import { lockFolder } from './lock.ts';
import { problemOf, UnfitFileError } from './regular-file.ts';

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
   * @throws InputError where the folder is in use, not empty, of another command, of another version, where the job in it
   * was asked for something else, or where its files lead elsewhere; DiskError
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
    const unlock = lockCreated(path, created);
    const release = (keep: boolean): void => {
      // What cannot be tidied up is no reason to fail, nor to hide why something else failed.
      if (!keep) attempt(() => clear(path, kind));
      attempt(unlock);
      if (!keep && created !== undefined) removeCreated(resolve(path), resolve(created));
    };
    let keep = true;
    try {
      // Looked at again, now that nobody else works in it.
      const before = readConfig(path, kind);
      if (before === undefined || mode === 'begin') requireEmpty(path, mode);
      else if (mode === 'resume') requireSameJob(path, kind, before, config);
      requireOwnEntries(path, kind);
      removeTemporaries(path, (name) => isOwnFile(kind, name));
      if (before !== undefined && mode === 'replace') clear(path, kind);
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
   * @param line what its lines are
   * @param length as the unit's checkpoint says; 0 begins anew
   */
  log<Line>(name: string, line: z.ZodType<Line>, length: number): LineLog<Line> {
    return this.#closeLater(new LineLog(join(this.path, `${name}.jsonl`), line, length));
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
    attempt(() => rmSync(this.#checkpointPath(key, journal), { force: true }));
  }

  #checkpointPath(key: string, journal: string): string {
    return join(this.path, `${journal}-${sha256(key).slice(0, 12)}.checkpoint`);
  }

  /** Marks the folder as worth keeping. */
  keep(): void {
    this.#kept = true;
  }

  /**
   * Works in the folder, and closes it in every case.
   *
   * @param resume the command that goes on with the job, for the error of a disk
   */
  async use<T>(resume: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const error = diskError(this.path, cause);
      throw error instanceof DiskError && this.#kept ? error.before(resume) : error;
    } finally {
      this.close();
    }
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
  const short = shorten(stem);
  for (let n = 1; ; n++) if (!existsSync(`${short}-${n}`)) return `${short}-${n}`;
}

/** A name `<stem>-seed<seed>` that is free; where there is one, `-2` and so on stand behind. */
export function seededFolder(stem: string, seed: number): string {
  const short = `${shorten(stem)}-seed${seed}`;
  return existsSync(short) ? freeNumbered(short) : short;
}

function freeNumbered(name: string): string {
  for (let n = 2; ; n++) if (!existsSync(`${name}-${n}`)) return `${name}-${n}`;
}

/** Names of files have 255 bytes at most, and the number comes behind. */
function shorten(stem: string): string {
  let short = stem;
  while (Buffer.byteLength(basename(short)) > 200) short = [...short].slice(0, -1).join('');
  return short;
}

/** Bytes of a folder's path that leave room for what lies in it: the system takes 4095. */
const MOST_PATH = 3000;

/**
 * Finds out whether a job can be begun or resumed in a folder, before its inputs are read and before anything is touched.
 *
 * @throws InputError where it cannot
 */
export function requireRoom<Settings>(path: string, kind: JobKind<Settings>, mode: OpenMode): void {
  if (path === '') throw new InputError('--out is empty; give the name of a folder, or leave it out');
  if (path.includes('\0')) throw new InputError('--out has a NUL in it; choose another one');
  if (Buffer.byteLength(resolve(path)) > MOST_PATH) {
    throw new InputError(`--out ${path.slice(0, 60)}... is too long; choose a shorter one`);
  }
  const stats = statOf(path);
  // A path below a file does not exist either; creating it gives the error later.
  if (stats === undefined) {
    let above = dirname(resolve(path));
    while (statOf(above) === undefined && dirname(above) !== above) above = dirname(above);
    if (statOf(above)?.isDirectory() === true) requireOpenFolder(above);
    return;
  }
  if (!stats.isDirectory()) throw new InputError(`${path} is a file; choose a folder as --out`);
  const before = readConfig(path, kind);
  if (before === undefined || mode === 'begin') requireEmpty(path, mode);
  requireOwnEntries(path, kind);
  requireOpenFolder(path);
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A job that was killed before it could write down what it is asked to do leaves an empty folder, but for the lock. */
function requireEmpty(path: string, mode: OpenMode): void {
  const isLeft = (name: string): boolean =>
    name === LOCK_FILE || name.startsWith(`${LOCK_FILE}.`) || finalName(name) === CONFIG_FILE;
  if (entriesOf(path).every(isLeft)) return;
  throw new InputError(
    mode === 'begin'
      ? `${path} exists already and is not empty; add --resume to go on with the job in it, or choose another --out`
      : `${path} holds no job that could be resumed; choose another --out`,
  );
}

/**
 * What the job writes are files and folders of its own: through a link it would write elsewhere, and a pipe would keep it
 * waiting.
 */
function requireOwnEntries<Settings>(path: string, kind: JobKind<Settings>): void {
  for (const name of entriesOf(path)) {
    const isFolder = kind.folders.includes(name);
    if (!isFolder && !isOwnFile(kind, name)) continue;
    const own = join(path, name);
    const stats = lstatSync(own, { throwIfNoEntry: false });
    if (stats === undefined || (isFolder ? stats.isDirectory() : stats.isFile())) continue;
    throw unfit(own, new UnfitFileError(problemOf(stats) ?? 'it is a file, not a folder'));
  }
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    throw new InputError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}); choose another --out`, {
      cause,
    });
  }
}

/**
 * Removes what a job of this kind writes, and nothing else. The configuration goes last: as long as anything is left, the
 * folder says what it is.
 */
function clear<Settings>(path: string, kind: JobKind<Settings>): void {
  for (const name of readdirSync(path)) {
    if (name !== LOCK_FILE && name !== CONFIG_FILE && isOwnFile(kind, name)) rmSync(join(path, name), { force: true });
  }
  rmSync(join(path, CONFIG_FILE), { force: true });
}

/** Locks a folder; one that was made for the job is gone again where that fails. */
function lockCreated(path: string, created: string | undefined): () => void {
  try {
    return lockFolder(path);
  } catch (error) {
    if (created !== undefined) removeCreated(resolve(path), resolve(created));
    throw error;
  }
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
