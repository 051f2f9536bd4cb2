/**
 * @file Ask and tell: an emitter is asked for candidates, a breeder makes their images, the classifier scores them, the
 * archive is told, and what became of them is told back to the emitter.
 */

import type { AddResult, Archive, Elite, Replacement } from '../archive/archive.ts';
import type { Scorer } from '../classifier/classifier.ts';
import type { Candidate, Emitter } from '../emitter/emitter.ts';
import type { Recordable } from '../emitter/recordable.ts';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import type { Measures } from '../measure/registry.ts';
import { Random } from '../random/random.ts';
import type { Breeder, Offspring } from './breeder.ts';
import { type ArchiveStatistics, archiveStatistics } from './statistics.ts';

/** Key of the streams that emitters draw from. */
const EMITTER_STREAM = 0;

/** What a search consists of. */
export interface SchedulerOptions {
  readonly scorer: Scorer;
  readonly archive: Archive;
  readonly emitter: Emitter;
  readonly breeder: Breeder;
  readonly seed: number;
  /** Candidates that the emitter is asked for in a generation. */
  readonly batch: number;
  /** What the archive tells images apart by; absent where it measures nothing. */
  readonly measures?: Pick<Measures, 'of'> | undefined;
  /** Images in one call of the classifier; the next ones are bred meanwhile. Chosen by image size when absent. */
  readonly chunk?: number;
}

/** A replacement with what is known of the candidate that won. */
export interface Birth extends Replacement {
  /** Place in its generation. */
  readonly place: number;
  /** Ids of the elites that it descends from; none for what was made from nothing. */
  readonly parents: readonly number[];
  /** What proposed it: of an emitter that is made of others, the one of them. */
  readonly emitter: string;
  /** Whether the emitter gave the genome itself, as a gradient step or a draw, so that it cannot be bred again; no when absent. */
  readonly given?: true;
}

/** The result of one generation. */
export interface Generation extends ArchiveStatistics {
  /** 0 is the first. */
  readonly generation: number;
  /** Images shown to the classifier so far, this generation included; one whose gradient was taken counts as three. */
  readonly evaluations: number;
  /** Cells that got a new elite, so far. */
  readonly replacements: number;
  /** The replacements of this generation. */
  readonly births: readonly Birth[];
}

/** Plain data from which a search goes on to the same bits. */
export type SearchState = {
  /** Generations told so far. */
  readonly generations: number;
  /** Candidates told so far: the id of the next one. */
  readonly candidates: number;
  readonly evaluations: number;
  readonly replacements: number;
  /** In the order of the archive's cells; `null` where a cell is empty. */
  readonly elites: readonly (Elite | null)[];
  readonly emitter: Recordable;
};

/** A running search. Each {@link step} is one generation. */
export class Scheduler {
  readonly archive: Archive;
  readonly emitter: Emitter;
  readonly #options: SchedulerOptions;
  readonly #chunk: number;
  #generations = 0;
  #candidates = 0;
  #evaluations = 0;
  #replacements = 0;

  /** @param state where to go on; a fresh search when absent */
  constructor(options: SchedulerOptions, state?: SearchState) {
    this.#options = options;
    this.#chunk = options.chunk ?? defaultChunk(options.scorer.shape, options.batch);
    this.archive = options.archive;
    this.emitter = options.emitter;
    if (state === undefined) return;
    if (state.elites.length !== this.archive.elites.length) {
      throw new InputError(
        `A search with ${state.elites.length} cells cannot go on with an archive of ${this.archive.elites.length}; give it the archive that it began with`,
      );
    }
    this.#generations = state.generations;
    this.#candidates = state.candidates;
    this.#evaluations = state.evaluations;
    this.#replacements = state.replacements;
    state.elites.forEach((elite, cell) => {
      if (elite !== null) this.archive.restore(cell, elite);
    });
    this.emitter.restore(state.emitter);
  }

  /** Generations told so far. */
  get generations(): number {
    return this.#generations;
  }

  /** Images shown to the classifier so far; one whose gradient was taken counts as three. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /** The state of the search. */
  state(): SearchState {
    return {
      generations: this.#generations,
      candidates: this.#candidates,
      evaluations: this.#evaluations,
      replacements: this.#replacements,
      elites: this.archive.elites.map((elite) => elite ?? null),
      emitter: this.emitter.state(),
    };
  }

  /**
   * Asks for, makes, scores and tells one generation. While the classifier works on one chunk the breeder makes the next.
   * All candidates are asked for before the first one is told, so the archive is frozen as in the paper.
   *
   * If it rejects, the archive may have been told a part of the generation: continue from the last {@link state} with a new
   * scheduler and a new archive.
   */
  async step(): Promise<Generation> {
    const { batch, scorer, seed } = this.#options;
    const generation = this.#generations;
    const before = this.archive.thresholds();
    const random = Random.stream(seed, EMITTER_STREAM, generation);
    const question = { archive: this.archive, count: batch, generation, random };
    const { candidates, evaluations } = await this.emitter.ask(question);
    const told = new Told(candidates.length);
    const births: Birth[] = [];
    let next = this.#breed(candidates, 0);
    for (let first = 0; first < candidates.length; first += this.#chunk) {
      const offspring = await next;
      if (first + this.#chunk < candidates.length) {
        next = this.#breed(candidates, first + this.#chunk);
      }
      const count = offspring.genomes.length;
      const images = { ...scorer.shape, count, data: offspring.images };
      const scores = await scorer.predict(images);
      const measured = await this.#options.measures?.of(images);
      const targets = targetsOf(candidates.slice(first, first + count));
      const firstId = this.#candidates + first;
      const scored = {
        scores,
        genomes: offspring.genomes,
        firstId,
        ...(targets === undefined ? {} : { targets }),
        ...(measured === undefined ? {} : { measures: measured }),
      };
      const added = this.archive.add(scored, before);
      told.add(first, scores.numClasses, scores.data, added);
      for (const replacement of added.replacements) {
        const place = replacement.id - this.#candidates;
        births.push({ ...replacement, place, ...makingOf(candidates[place]!, this.emitter) });
      }
    }
    this.emitter.tell({ candidates, ...told.result(births), archive: this.archive });
    this.#generations++;
    this.#candidates += candidates.length;
    this.#evaluations += evaluations + candidates.length;
    this.#replacements += births.length;
    return {
      generation,
      evaluations: this.#evaluations,
      replacements: this.#replacements,
      births,
      ...archiveStatistics(this.archive),
    };
  }

  #breed(candidates: readonly Candidate[], first: number): Promise<Offspring> {
    const recipes = candidates.slice(first, first + this.#chunk).map(({ parents, genome }) => ({
      parents: parents.map((parent) => parent.genome),
      ...(genome === undefined ? {} : { genome }),
    }));
    const offspring = this.#options.breeder.breed({ generation: this.#generations, first, recipes });
    // A failure is met when the offspring is awaited; where scoring fails before, or there are no candidates at all, nobody
    // awaits it, and it must not count as unhandled.
    offspring.catch(() => {});
    return offspring;
  }
}

/** Collects the results of the chunks of a generation. */
class Told {
  readonly #count: number;
  readonly #status: Uint8Array;
  readonly #improvement: Float32Array;
  #numClasses = 0;
  #scores = new Float32Array(0);

  constructor(count: number) {
    this.#count = count;
    this.#status = new Uint8Array(count);
    this.#improvement = new Float32Array(count);
  }

  add(first: number, numClasses: number, scores: Float32Array, { status, improvement }: AddResult): void {
    if (this.#scores.length === 0) this.#scores = new Float32Array(this.#count * numClasses);
    this.#numClasses = numClasses;
    this.#scores.set(scores, first * numClasses);
    this.#status.set(status, first);
    this.#improvement.set(improvement, first);
  }

  result(replacements: readonly Replacement[]) {
    return {
      scores: { count: this.#count, numClasses: this.#numClasses, data: this.#scores },
      added: { status: this.#status, improvement: this.#improvement, replacements },
    };
  }
}

/** How a candidate came about. */
function makingOf(
  { parents, genome, emitter }: Candidate,
  { name }: Emitter,
): Omit<Birth, keyof Replacement | 'place'> {
  return {
    parents: parents.map(({ id }) => id),
    emitter: emitter ?? name,
    ...(genome === undefined ? {} : { given: true }),
  };
}

/** `undefined` where all candidates compete for all classes. */
function targetsOf(candidates: readonly Candidate[]): Int32Array | undefined {
  if (candidates.every(({ target }) => target === undefined)) return undefined;
  return Int32Array.from(candidates, ({ target }) => target ?? -1);
}

/** As many images as make about 4 MB, so that activations stay in bounds and breeding overlaps with scoring. */
function defaultChunk(shape: ImageShape, batch: number): number {
  return Math.min(batch, Math.max(8, Math.floor(4_000_000 / imageSize(shape))));
}
