/**
 * @file Many images of one class: an elite for each class in each niche, a cell over what is measured of images (MAP-Elites, Mouret and
 * Clune 2015). Every image is compared with the elites of all classes in its own niche.
 */

import { InputError } from '../errors.ts';
import type { Random } from '../random/random.ts';
import { ADD_STATUS, type AddResult, type Archive, type Elite, type Replacement, type ScoredBatch } from './archive.ts';
import type { Partition } from './partition.ts';
import { EliteStore, EMPTY } from './store.ts';

/** So many cells an archive has at most, all classes together: each of them may hold an image of its own. */
export const MOST_CELLS = 250_000;

/** One elite for each class in each niche. Cell `c * niches + n` is that of the c-th class in niche n. */
export class NicheArchive implements Archive {
  readonly classIndices: readonly number[];
  /** How measures are divided into niches. */
  readonly partition: Partition;
  readonly #classes: readonly number[];
  readonly #store: EliteStore;

  /**
   * @param classIndices the output columns of the classifier that are searched
   * @throws InputError where there would be more than {@link MOST_CELLS} cells
   */
  constructor(classIndices: readonly number[], partition: Partition) {
    this.partition = partition;
    this.#classes = [...classIndices].sort((a, b) => a - b);
    const cells = this.#classes.length * partition.size;
    if (cells > MOST_CELLS) {
      throw new InputError(
        `${partition.size} niches for each of ${this.#classes.length} classes are ${cells} cells, and an archive has at most ${MOST_CELLS}; ask for fewer niches or fewer classes`,
      );
    }
    this.#store = new EliteStore(cells);
    this.classIndices = this.#classes.flatMap((classIndex) => new Array<number>(partition.size).fill(classIndex));
  }

  get elites(): readonly (Elite | undefined)[] {
    return this.#store.elites;
  }

  thresholds(): Float32Array {
    return this.#store.scores.slice();
  }

  add({ scores, genomes, firstId, targets, measures }: ScoredBatch, before = this.thresholds()): AddResult {
    const { count, numClasses, data } = scores;
    const last = this.#classes.at(-1) ?? 0;
    if (last >= numClasses) {
      throw new InputError(
        `The archive has cells for class ${last}, the classifier has the classes 0 to ${numClasses - 1}; search those`,
      );
    }
    if (measures === undefined) throw new InputError('An archive with niches needs what was measured of each image');
    const niches = this.partition.size;
    const status = new Uint8Array(count);
    const improvement = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
    const won: { readonly cell: number; readonly replacement: Replacement }[] = [];
    const winners = new Map<number, number>();
    const best = this.#store.scores;
    for (let row = 0; row < count; row++) {
      const niche = this.partition.cellOf(measures, row);
      for (let place = 0, cell = niche; place < this.#classes.length; place++, cell += niches) {
        const classIndex = this.#classes[place]!;
        if (targets !== undefined && targets[row] !== -1 && targets[row] !== classIndex) continue;
        const score = data[row * numClasses + classIndex]!;
        const threshold = before[cell]!;
        improvement[row] = Math.max(improvement[row]!, score - Math.max(0, threshold));
        const gained = threshold === EMPTY ? ADD_STATUS.filled : ADD_STATUS.improved;
        if (score > threshold && gained > status[row]!) status[row] = gained;
        if (!(score > best[cell]!)) continue;
        best[cell] = score;
        winners.set(cell, row);
        won.push({ cell, replacement: { classIndex, id: firstId + row, confidence: score } });
      }
    }
    const copies = new Map<number, Uint8Array>();
    for (const [cell, row] of winners) {
      // Not by slice(), which makes only a view where it is Node's Buffer.
      const genome = copies.get(row) ?? new Uint8Array(genomes[row]!);
      copies.set(row, genome);
      this.#store.set(cell, { genome, confidence: best[cell]!, id: firstId + row });
    }
    // Stable: within a cell in order of time.
    won.sort((a, b) => a.cell - b.cell);
    return { status, improvement, replacements: won.map(({ replacement }) => replacement) };
  }

  sample(count: number, random: Random): Elite[] {
    return this.#store.sample(count, random);
  }

  merge(other: Pick<Archive, 'classIndices' | 'elites'>): void {
    if (other.classIndices.join() !== this.classIndices.join()) {
      throw new InputError(
        `An archive of ${other.classIndices.length} cells cannot be merged into one of ${this.classIndices.length}: merge archives of the same classes and niches`,
      );
    }
    this.#store.merge(other.elites);
  }

  restore(cell: number, elite: Elite): void {
    this.#store.set(cell, elite);
  }
}
