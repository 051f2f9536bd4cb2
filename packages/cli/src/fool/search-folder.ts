/**
 * @file What a search keeps in its job folder: the checkpoint with the genomes of the elites, and two logs of what happened,
 * `history.jsonl` (a line for each generation) and `births.jsonl` (a line for each cell that changed hands).
 */

import { join } from 'node:path';
import { type Encoding, type Generation, InputError, Lineage, type Search, type SearchState } from '@pareidolia/core';
import type { JobFolder } from '../job/folder.ts';
import { sha256 } from '../job/hash.ts';
import type { LineLog } from '../job/line-log.ts';
import { BIRTH_LINE, type BirthLine, birthLines, HISTORY_LINE, type HistoryLine, historyLine } from './history.ts';
import { CHECKPOINT_FILE, damaged, SearchCheckpoint } from './search-checkpoint.ts';
import type { FoolSettings } from './settings.ts';

/** The search in an open job folder. */
export class SearchFolder {
  readonly job: JobFolder<FoolSettings>;
  /** Where the search stood when the folder was opened; `undefined` at its beginning. */
  readonly state: SearchState | undefined;
  /** Spent on the search in earlier sittings. */
  readonly secondsBefore: number;
  readonly #checkpoint: SearchCheckpoint;
  readonly #history: LineLog<HistoryLine>;
  readonly #births: LineLog<BirthLine>;

  /** @throws InputError where the checkpoint or a log is damaged, or the checkpoint is of other classes */
  constructor(job: JobFolder<FoolSettings>) {
    this.job = job;
    this.#checkpoint = new SearchCheckpoint(job.path);
    const saved = this.#checkpoint.load();
    this.state = saved?.state;
    const { classes, measures } = job.config.settings;
    const cells = saved?.state.elites.length ?? classes.length;
    // Where images of a class are told apart, each class has as many cells.
    if (measures === undefined ? cells !== classes.length : cells % classes.length !== 0) {
      throw new InputError(
        `The checkpoint in ${job.path} has ${cells} cells, its configuration ${classes.length} classes; start another search with a new --out`,
      );
    }
    this.secondsBefore = saved?.extras.seconds ?? 0;
    this.#history = job.log('history', HISTORY_LINE, saved?.extras.logs.history ?? 0);
    this.#births = job.log('births', BIRTH_LINE, saved?.extras.logs.births ?? 0);
  }

  /**
   * Finds out whether the genomes of the elites are some of an encoding, before a search goes on with them.
   *
   * @throws InputError where one is not
   */
  requireGenomes(encoding: Encoding): void {
    for (const elite of this.state?.elites ?? []) {
      try {
        if (elite !== null) encoding.unpack(elite.genome);
      } catch (cause) {
        throw damaged(join(this.job.path, CHECKPOINT_FILE), cause);
      }
    }
  }

  /** Notes a generation; it reaches the disk with the next {@link save}. */
  record(generation: Generation, seconds: number): void {
    this.#history.add(historyLine(generation, seconds));
    for (const line of birthLines(generation)) this.#births.add(line);
  }

  /**
   * Saves the search.
   *
   * @throws DiskError; the last checkpoint is then still good
   */
  save({ scheduler, progress }: Search, seconds: number): void {
    // Logs first: a checkpoint must not refer to lines that are not on disk.
    const logs = { history: this.#history.flush(), births: this.#births.flush() };
    this.#checkpoint.save(scheduler.state(), { seconds, logs, progress });
    this.job.keep();
  }

  /** All generations that have reached the disk. */
  history(): HistoryLine[] {
    return this.#history.read();
  }

  /** Who descends from whom, of all births that have reached the disk. */
  lineage(): Lineage {
    const lineage = new Lineage();
    for (const birth of this.#births.lines()) lineage.add(birth);
    return lineage;
  }

  /**
   * Enters the search into the journal of finished work units, with a hash of its elites, by which searches on other
   * machines are compared. A search that goes on for more generations is another unit.
   */
  noteFinished({ generations, evaluations, replacements, elites }: SearchState, seconds: number): void {
    const journal = this.job.journal();
    const key = `search/${generations}`;
    if (journal.has(key)) return;
    const cells = elites.map((elite) => (elite === null ? null : [elite.id, elite.confidence, sha256(elite.genome)]));
    const result = { generations, evaluations, replacements, elites: sha256(JSON.stringify(cells)) };
    // Jobs of this command always have a seed.
    journal.add({ key, seed: this.job.config.seed!, seconds, result });
  }
}
