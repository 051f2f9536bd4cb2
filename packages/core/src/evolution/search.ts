/**
 * @file The search of the paper: each generation, parents are drawn uniformly from the filled cells, mutated, scored for
 * every class at once, and told to the archive (Nguyen, Yosinski and Clune 2015, section 2.2).
 */

import type { Scorer } from '../classifier/classifier.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { type Elite, EliteArchive, type Jump } from './archive.ts';
import { type Breeder, type Brood, SELECTION_STREAM } from './breeder.ts';
import { type ArchiveStatistics, archiveStatistics } from './statistics.ts';

export interface SearchOptions {
  readonly scorer: Scorer;
  readonly breeder: Breeder;
  /** The classes to make images for. */
  readonly classes: readonly number[];
  readonly seed: number;
  /** Children in a generation, and size of the random population. */
  readonly batch: number;
  /** Images in one call of the classifier; the next ones are bred meanwhile. Chosen by image size when absent. */
  readonly chunk?: number;
}

/** A jump with the individual that the winner descends from. */
export interface BirthRecord extends Jump {
  /** The parent's id; `undefined` for the random population. */
  readonly parent: number | undefined;
}

/** What one generation brought. */
export interface Generation extends ArchiveStatistics {
  /** 0 is the random population. */
  readonly generation: number;
  /** Evaluations so far, this generation included. */
  readonly evaluations: number;
  /** Replacements so far. */
  readonly jumps: number;
  /** The replacements of this generation. */
  readonly births: readonly BirthRecord[];
}

/** All that a search needs to go on to the same bits. */
export interface SearchState {
  /** Generations told so far, the random population included. */
  readonly generations: number;
  readonly evaluations: number;
  readonly jumps: number;
  /** In the order of the archive's classes. */
  readonly elites: readonly (Elite | undefined)[];
}

/** A search under way. Call {@link step} as often as wanted. */
export class Search {
  readonly archive: EliteArchive;
  readonly #options: SearchOptions;
  readonly #chunk: number;
  #generations = 0;
  #evaluations = 0;
  #jumps = 0;

  /** @param state where to go on; a fresh search when absent */
  constructor(options: SearchOptions, state?: SearchState) {
    this.#options = options;
    this.#chunk = options.chunk ?? defaultChunk(options.scorer.shape, options.batch);
    this.archive = new EliteArchive(options.classes);
    if (state === undefined) return;
    this.#generations = state.generations;
    this.#evaluations = state.evaluations;
    this.#jumps = state.jumps;
    state.elites.forEach((elite, cell) => {
      if (elite !== undefined) this.archive.restore(cell, elite);
    });
  }

  /** Generations told so far, the random population included. */
  get generations(): number {
    return this.#generations;
  }

  state(): SearchState {
    return {
      generations: this.#generations,
      evaluations: this.#evaluations,
      jumps: this.#jumps,
      elites: [...this.archive.elites],
    };
  }

  /**
   * Makes, scores and tells one generation. While the classifier works on one chunk the breeder makes the next. All
   * parents are drawn before the first child is told, so the archive is frozen as in the paper.
   */
  async step(): Promise<Generation> {
    const { batch, scorer, breeder } = this.#options;
    const generation = this.#generations;
    const parents = this.#selectParents();
    const births: BirthRecord[] = [];
    const breed = (first: number): Promise<Brood> =>
      breeder.breed({
        generation,
        first,
        parents: parents.slice(first, first + this.#chunk).map((parent) => parent?.genome),
      });

    let next = breed(0);
    for (let first = 0; first < batch; first += this.#chunk) {
      const brood = await next;
      if (first + this.#chunk < batch) {
        next = breed(first + this.#chunk);
        // A failure is met at the next await; if scoring fails first, this one must not count as unhandled.
        next.catch(() => {});
      }
      const scores = await scorer.predict({ ...scorer.shape, count: brood.genomes.length, data: brood.images });
      for (const jump of this.archive.tell(scores, brood.genomes, this.#evaluations)) {
        births.push({ ...jump, parent: parents[first + jump.id - this.#evaluations]?.id });
      }
      this.#evaluations += brood.genomes.length;
    }
    this.#generations++;
    this.#jumps += births.length;
    return {
      generation,
      evaluations: this.#evaluations,
      jumps: this.#jumps,
      births,
      ...archiveStatistics(this.archive),
    };
  }

  /** Uniform over filled cells, with replacement; nothing to choose from in generation 0. */
  #selectParents(): (Elite | undefined)[] {
    const { batch, seed } = this.#options;
    const filled = this.archive.elites.filter((elite) => elite !== undefined);
    const random = Random.stream(seed, SELECTION_STREAM, this.#generations);
    return Array.from({ length: batch }, () =>
      this.#generations === 0 || filled.length === 0 ? undefined : filled[random.integer(filled.length)],
    );
  }
}

/** As many images as make about 4 MB, so that activations stay in bounds and breeding overlaps with scoring. */
function defaultChunk(shape: ImageShape, batch: number): number {
  return Math.min(batch, Math.max(8, Math.floor(4_000_000 / imageSize(shape))));
}
