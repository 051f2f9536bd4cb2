/** @file The folder of one run: taken by one process, begun or resumed, and left as if untouched where nothing came of it. */

import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Generation, InputError, type SearchState } from '@pareidolia/core';
import { makeFolder, removeTemporaries } from '../job/files.ts';
import { LineLog } from '../job/line-log.ts';
import { lockFolder } from '../job/lock.ts';
import { CheckpointStore } from './checkpoint.ts';
import { hasGrown, type RunConfig, readConfig, requireSameRun, writeConfig } from './config.ts';
import { type BirthLine, birthLines, type HistoryLine, historyLine } from './history.ts';

const LOCK = 'lock';

/** An open run folder. {@link close} it in the end, whatever happened. */
export class RunFolder {
  readonly path: string;
  /** Where the run stood when it was opened; `undefined` at its beginning. */
  readonly state: SearchState | undefined;
  /** Seconds spent on the search in earlier sittings. */
  readonly secondsBefore: number;
  readonly #store: CheckpointStore;
  readonly #history: LineLog<HistoryLine>;
  readonly #births: LineLog<BirthLine>;
  readonly #leave: (keep: boolean) => void;
  #kept: boolean;

  /**
   * Begins a run in a new or empty folder; or goes on with the one that is there, however early it was killed.
   *
   * @throws InputError where a folder to begin in is not empty, where the run to resume is another one, or where another
   * process works in it
   */
  static open(path: string, config: RunConfig, mode: 'begin' | 'resume'): RunFolder {
    requireRoom(path, mode);
    const created = makeFolder(path);
    const unlock = lockFolder(path);
    const leave = (keep: boolean): void => {
      if (!keep) clear(path);
      unlock();
      if (!keep && created !== undefined) removeCreated(resolve(path), resolve(created));
    };
    let keep = true;
    try {
      removeTemporaries(path);
      const before = readConfig(path);
      if (before === undefined || mode === 'begin') requireEmpty(path, mode);
      else requireSameRun(path, before, config);
      keep = before !== undefined;
      return new RunFolder(path, before, config, leave);
    } catch (error) {
      leave(keep);
      throw error;
    }
  }

  private constructor(path: string, before: RunConfig | undefined, config: RunConfig, leave: (keep: boolean) => void) {
    this.path = path;
    this.#leave = leave;
    this.#store = new CheckpointStore(path);
    const saved = this.#store.load();
    this.state = saved?.state;
    this.secondsBefore = saved?.extras.seconds ?? 0;
    this.#kept = before !== undefined;
    if (before === undefined || hasGrown(before, config)) writeConfig(path, config);
    this.#history = new LineLog(join(path, 'history.jsonl'), saved?.extras.journals.history ?? 0);
    this.#births = new LineLog(join(path, 'births.jsonl'), saved?.extras.journals.births ?? 0);
  }

  /** Notes a generation; it reaches the disk with the next {@link save}. */
  record(generation: Generation, seconds: number): void {
    this.#history.add(historyLine(generation, seconds));
    for (const line of birthLines(generation)) this.#births.add(line);
  }

  /** @throws DiskFullError; the last checkpoint is then still good */
  save(state: SearchState, seconds: number): void {
    const journals = { history: this.#history.flush(), births: this.#births.flush() };
    this.#store.save(state, { seconds, journals });
    this.#kept = true;
  }

  /** The history up to the last {@link save}. */
  history(): HistoryLine[] {
    return this.#history.read();
  }

  /** Gives the folder free. A run that was begun and of which nothing could be saved leaves nothing behind. */
  close(): void {
    this.#history.close();
    this.#births.close();
    this.#leave(this.#kept);
  }
}

function requireRoom(path: string, mode: 'begin' | 'resume'): void {
  // What lies below a file is not there either; why it cannot be made is told when it is made.
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) throw new InputError(`${path} is a file; choose a folder as --out`);
  if (mode === 'begin') requireEmpty(path, mode);
}

/** A run that was killed before it could write down what it is asked to do leaves an empty folder, but for the lock. */
function requireEmpty(path: string, mode: 'begin' | 'resume'): void {
  if (readdirSync(path).every((name) => name === LOCK)) return;
  throw new InputError(
    mode === 'begin'
      ? `${path} exists already; add --resume to go on with the run in it, or choose another --out`
      : `${path} holds no run that could be resumed; choose another --out`,
  );
}

function clear(path: string): void {
  for (const name of readdirSync(path)) if (name !== LOCK) rmSync(join(path, name), { recursive: true, force: true });
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
