/**
 * @file The archive of the paper: one elite for each class. Every candidate is compared with the elite of *every* class,
 * so one image may hold many cells (Nguyen, Yosinski and Clune 2015, section 2.2; MAP-Elites, Mouret and Clune 2015).
 */

import { InputError } from '../errors.ts';
import type { Random } from '../random/random.ts';
import { NO_SETTINGS } from '../settings/settings.ts';
import { ADD_STATUS, type AddResult, type Archive, type Elite, type Replacement, type ScoredBatch } from './archive.ts';
import type { ArchiveKind } from './kind.ts';
import { EliteStore, EMPTY } from './store.ts';

/** One elite for each of the classes that are searched. */
export class ClassArchive implements Archive {
  readonly classIndices: readonly number[];
  readonly #store: EliteStore;

  /** @param classIndices the output columns of the classifier that are searched */
  constructor(classIndices: readonly number[]) {
    this.classIndices = [...classIndices].sort((a, b) => a - b);
    this.#store = new EliteStore(this.classIndices.length);
  }

  get elites(): readonly (Elite | undefined)[] {
    return this.#store.elites;
  }

  thresholds(): Float32Array {
    return this.#store.scores.slice();
  }

  add({ scores, genomes, firstId, targets }: ScoredBatch, before = this.thresholds()): AddResult {
    const { count, numClasses, data } = scores;
    const last = this.classIndices.at(-1) ?? 0;
    if (last >= numClasses) {
      throw new InputError(
        `The archive has a cell for class ${last}, the classifier has the classes 0 to ${numClasses - 1}; search those`,
      );
    }
    const status = new Uint8Array(count);
    const improvement = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
    const replacements: Replacement[] = [];
    const copies = new Map<number, Uint8Array>();
    for (let cell = 0; cell < this.classIndices.length; cell++) {
      const column = this.classIndices[cell]!;
      const threshold = before[cell]!;
      const base = Math.max(0, threshold);
      const won = threshold === EMPTY ? ADD_STATUS.filled : ADD_STATUS.improved;
      let best = this.#store.scores[cell]!;
      let winner = -1;
      for (let row = 0, at = column; row < count; row++, at += numClasses) {
        if (targets !== undefined && targets[row] !== -1 && targets[row] !== column) continue;
        const score = data[at]!;
        if (score - base > improvement[row]!) improvement[row] = score - base;
        if (score > threshold && won > status[row]!) status[row] = won;
        if (score > best) {
          best = score;
          winner = row;
          replacements.push({ classIndex: column, id: firstId + row, confidence: score });
        }
      }
      if (winner < 0) continue;
      let genome = copies.get(winner);
      if (genome === undefined) {
        // Not by slice(), which makes only a view where it is Node's Buffer.
        genome = new Uint8Array(genomes[winner]!);
        copies.set(winner, genome);
      }
      this.#store.set(cell, { genome, confidence: best, id: firstId + winner });
    }
    return { status, improvement, replacements };
  }

  sample(count: number, random: Random): Elite[] {
    return this.#store.sample(count, random);
  }

  merge(other: Pick<Archive, 'classIndices' | 'elites'>): void {
    if (other.classIndices.join() !== this.classIndices.join()) {
      throw new InputError(
        `An archive of ${other.classIndices.length} classes cannot be merged into one of ${this.classIndices.length}: merge archives of the same classes`,
      );
    }
    this.#store.merge(other.elites);
  }

  restore(cell: number, elite: Elite): void {
    this.#store.set(cell, elite);
  }
}

/** Registered as `classes`. */
export const classes: ArchiveKind = {
  name: 'classes',
  summary: 'one elite for each class; an image may hold the cells of many classes',
  explanation:
    'One elite for each class. Every new image is compared with the elites of all classes and replaces each that it beats, so one image can hold several classes.',
  settings: NO_SETTINGS,
  isMeasured: false,
  create: ({ classIndices }) => new ClassArchive(classIndices),
};
