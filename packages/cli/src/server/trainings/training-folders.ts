/** @file The trainings of generators of a server: folders on disk that commands work in. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import type { Answers, StudioEvent, TrainingStatus, Trainings, TrainingView } from '@pareidolia/studio';
import { CONFIG_FILE } from '../../job/config.ts';
import { runId } from '../folder-runs.ts';
import { TrainingReader } from './training-reader.ts';

/** Milliseconds between two looks at the folders that are shown. */
const LOOK_EVERY = 500;

export interface TrainingFoldersOptions {
  /** Trainings are its subfolders. */
  readonly folder: string;
  /** A training elsewhere that is shown, too. */
  readonly extra?: string;
  readonly emit: (event: StudioEvent) => void;
}

export class TrainingFolders implements Trainings {
  readonly #options: TrainingFoldersOptions;
  /** Those that have been opened. */
  readonly #readers = new Map<string, TrainingReader>();
  readonly #told = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: TrainingFoldersOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.#timer.unref();
  }

  async list(): Promise<readonly TrainingStatus[]> {
    return [...this.#paths()].flatMap(([id, path]) => {
      // A folder of another command, or one that is damaged, is no reason not to show the others.
      try {
        return [(this.#readers.get(id) ?? new TrainingReader(id, path)).status()];
      } catch {
        return [];
      }
    });
  }

  async open(id: string): Promise<TrainingView> {
    const reader = this.#reader(id);
    reader.refresh();
    return { status: reader.status(), epochs: reader.epochs };
  }

  async sheet(id: string): Promise<Answers['trainings.sheet']> {
    return this.#reader(id).sheet();
  }

  async generator(id: string): Promise<ReturnType<TrainingReader['generator']>> {
    return this.#reader(id).generator();
  }

  async dispose(): Promise<void> {
    clearInterval(this.#timer);
  }

  /** The folders that may be opened, by id: whatever a page asks for is looked up here. */
  #paths(): ReadonlyMap<string, string> {
    const { folder, extra } = this.#options;
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const paths = new Map(
      names.filter((name) => existsSync(join(folder, name, CONFIG_FILE))).map((name) => [name, join(folder, name)]),
    );
    if (extra !== undefined) paths.set(runId(extra, folder), extra);
    return paths;
  }

  #reader(id: string): TrainingReader {
    const known = this.#readers.get(id);
    if (known !== undefined && existsSync(join(known.path, CONFIG_FILE))) return known;
    const path = this.#paths().get(id);
    if (path === undefined) throw new InputError('There is no such training any more; choose another one');
    const reader = new TrainingReader(id, path);
    this.#readers.set(id, reader);
    return reader;
  }

  /** Reports what has changed in the folders that are shown. */
  #look(): void {
    for (const [id, reader] of this.#readers) {
      try {
        reader.refresh();
        const epochs = reader.takeNews();
        const status = reader.status();
        const standing = JSON.stringify([status.state, status.epoch, status.hasGenerator]);
        if (epochs.length === 0 && standing === this.#told.get(id)) continue;
        this.#told.set(id, standing);
        this.#options.emit({ type: 'training', status, epochs });
      } catch {
        // A folder that goes away, or is looked at in the moment of a change, is tried again with the next look.
        if (!existsSync(reader.path)) this.#readers.delete(id);
      }
    }
  }
}
