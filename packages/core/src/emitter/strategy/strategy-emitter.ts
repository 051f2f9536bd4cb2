/**
 * @file Search distributions as an emitter for an archive with one elite for each class: each works for one class at a time,
 * begins at its elite, and moves on to another class where it earns no more.
 */

import type { Archive } from '../../archive/archive.ts';
import { ThresholdField } from '../../archive/threshold-field.ts';
import type { VectorEncoding } from '../../encoding/encoding.ts';
import { InputError } from '../../errors.ts';
import type { Random } from '../../random/random.ts';
import { byCertainty, drawByRank, logOdds } from '../certainty.ts';
import { damagedState, fieldsOf, packDoubles, unpackDoubles } from '../doubles.ts';
import type { Candidate, Emitter, Outcome, Proposal, Question } from '../emitter.ts';
import type { Recordable } from '../recordable.ts';
import type { Distribution } from './distribution.ts';
import { byImprovement, byStages } from './ranking.ts';

/** How distributions work for classes. */
export interface StrategyOptions<D extends Distribution> {
  readonly name: string;
  readonly encoding: VectorEncoding;
  /** Cells of the archive. */
  readonly cells: number;
  /** How many work beside each other. */
  readonly emitters: number;
  /** Generations without an improvement after which one moves on. */
  readonly patience: number;
  /** How strongly the least certain classes are preferred. */
  readonly pressure: number;
  /**
   * `stages`: by what the archive said, then by the log-odds of the own class (CMA-ME). `target`: by the log-odds of the own class
   * alone. A number: by how far these are above the threshold of the class, which follows at this rate, and it moves on where no
   * draw beats the threshold (CMA-MAE). The largest rise over the thresholds of *all* classes does not work: from draw to draw it is
   * of another class, so that the order says nothing.
   */
  readonly ranking: 'stages' | 'target' | { readonly learningRate: number };
  /** Makes a distribution around a mean. */
  readonly distribution: (mean: Float64Array) => D;
  /**
   * Gives a distribution what it needs before it draws for a cell.
   *
   * @returns what that has cost, in evaluations
   */
  readonly prepare?: (distribution: D, cell: number, archive: Archive) => Promise<number>;
}

/** A distribution at work. */
interface Worker<D extends Distribution> {
  /** The cell that it works for. */
  cell: number;
  readonly distribution: D;
  /** The best log-odds of the cell's class that its draws had. */
  best: number;
  /** Generations since these rose, or a threshold was beaten. */
  idle: number;
}

/** A rise of log-odds that is worth going on for. */
const WORTHWHILE = 0.02;

export class StrategyEmitter<D extends Distribution> implements Emitter {
  readonly name: string;
  readonly variation = undefined;
  readonly progress = undefined;
  readonly #options: StrategyOptions<D>;
  readonly #thresholds: ThresholdField | undefined;
  #workers: Worker<D>[] = [];
  /** Where each worker's draws begin among the candidates asked for last. */
  #asked: { readonly worker: Worker<D>; readonly first: number; readonly draws: Float64Array }[] = [];

  constructor(options: StrategyOptions<D>) {
    this.name = options.name;
    this.#options = options;
    const { ranking, cells } = options;
    if (typeof ranking === 'string') return;
    // A network that is undecided gives each of its classes this.
    const minimum = -Math.log(Math.max(1, cells - 1));
    this.#thresholds = new ThresholdField(cells, { learningRate: ranking.learningRate, minimum });
  }

  async ask({ archive, count, random }: Question): Promise<Proposal> {
    this.#asked = [];
    const candidates: Candidate[] = [];
    const { encoding, emitters } = this.#options;
    while (this.#workers.length < emitters) {
      const cell = this.#chooseCell(archive, random);
      if (cell === undefined)
        return { candidates: Array.from({ length: count }, () => ({ parents: [] })), evaluations: 0 };
      const distribution = this.#options.distribution(this.#meanOf(archive, cell));
      this.#workers.push({ cell, distribution, best: logOdds(archive.elites[cell]!.confidence), idle: 0 });
    }
    for (const worker of this.#workers) {
      if (worker.idle < this.#options.patience && worker.distribution.stop() === undefined) continue;
      const cell = this.#chooseCell(archive, random) ?? worker.cell;
      worker.cell = cell;
      worker.best = logOdds(archive.elites[cell]!.confidence);
      worker.idle = 0;
      worker.distribution.reset(this.#meanOf(archive, cell));
    }
    // Whole generations of distributions in turn, as many as fit.
    const { batch } = this.#workers[0]!.distribution;
    const turns = Math.max(1, Math.min(this.#workers.length, Math.floor(count / batch)));
    let evaluations = 0;
    for (const worker of this.#workers.splice(0, turns)) {
      this.#workers.push(worker);
      evaluations += (await this.#options.prepare?.(worker.distribution, worker.cell, archive)) ?? 0;
      const draws = worker.distribution.ask(random);
      const parent = archive.elites[worker.cell]!;
      this.#asked.push({ worker, first: candidates.length, draws });
      for (const genome of genomesOf(draws, encoding)) candidates.push({ parents: [parent], genome });
    }
    return { candidates, evaluations };
  }

  tell({ scores, added, archive }: Outcome): void {
    const { numClasses, data } = scores;
    for (const { worker, first, draws } of this.#asked) {
      const { batch } = worker.distribution;
      const column = archive.classIndices[worker.cell]!;
      const odds = Float64Array.from({ length: batch }, (_, row) =>
        logOdds(data[(first + row) * numClasses + column]!),
      );
      const status = added.status.subarray(first, first + batch);
      const cells = new Int32Array(batch).fill(worker.cell);
      const rises = this.#thresholds?.tell(cells, odds);
      const order =
        rises !== undefined || this.#options.ranking === 'target'
          ? byImprovement({ status, improvement: rises ?? odds })
          : byStages({ status, improvement: odds });
      worker.distribution.tell(draws, order, batch >> 1);
      const top = Math.max(...odds);
      const hasEarned = rises?.some((rise) => rise > 0) ?? top > worker.best + WORTHWHILE;
      worker.idle = hasEarned ? 0 : worker.idle + 1;
      worker.best = Math.max(worker.best, top);
    }
    this.#asked = [];
  }

  state(): Recordable {
    return {
      thresholds: this.#thresholds === undefined ? null : packDoubles(this.#thresholds.values),
      workers: this.#workers.map(({ cell, best, idle, distribution }) => ({
        cell,
        best,
        idle,
        normals: distribution.normals,
        state: packDoubles(distribution.state()),
      })),
    };
  }

  restore(state: Recordable): void {
    const { cells, encoding } = this.#options;
    const { thresholds, workers } = fieldsOf(state, this.name);
    if (this.#thresholds !== undefined) this.#thresholds.restore(unpackDoubles(thresholds, cells, this.name));
    if (!Array.isArray(workers)) throw damagedState(this.name);
    this.#workers = workers.map((worker) => {
      // States that do not say it are of a time when there was one way.
      const { cell, best, idle, normals = 'single', state: own } = fieldsOf(worker, this.name);
      const isSound =
        Number.isInteger(cell) &&
        (cell as number) >= 0 &&
        (cell as number) < cells &&
        Number.isFinite(best) &&
        Number.isInteger(idle);
      if (!isSound) throw damagedState(this.name);
      const distribution = this.#options.distribution(new Float64Array(encoding.dimension));
      if (normals !== distribution.normals) {
        throw new InputError(
          `The state of the emitter ${this.name} is of a version that drew other normal numbers, with which this one cannot go on; start a new search`,
        );
      }
      distribution.restore(unpackDoubles(own, distribution.state().length, this.name));
      return { cell: cell as number, best: best as number, idle: idle as number, distribution };
    });
  }

  /** The least certain classes first, but those that others work for. */
  #chooseCell(archive: Archive, random: Random): number | undefined {
    const taken = new Set(this.#workers.filter(({ idle }) => idle < this.#options.patience).map(({ cell }) => cell));
    const cells = byCertainty(archive);
    const free = cells.filter((cell) => !taken.has(cell));
    if (cells.length === 0) return undefined;
    return drawByRank(free.length > 0 ? free : cells, this.#options.pressure, random);
  }

  #meanOf(archive: Archive, cell: number): Float64Array {
    const { encoding } = this.#options;
    return Float64Array.from(encoding.toVector(encoding.unpack(archive.elites[cell]!.genome)));
  }
}

/** The packed genomes of draws; element by element, as typed arrays take many times as long from doubles to singles. */
function genomesOf(draws: Float64Array, encoding: VectorEncoding): Uint8Array[] {
  const n = encoding.dimension;
  const vector = new Float32Array(n);
  return Array.from({ length: draws.length / n }, (_, row) => {
    for (let i = 0, at = row * n; i < n; i++, at++) vector[i] = draws[at]!;
    return encoding.pack(encoding.fromVector(vector));
  });
}
