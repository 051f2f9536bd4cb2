/** @file A run folder as the studio shows it, read anew whenever it has changed; without disturbing the process that works in it. */

import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type EncodingResources,
  type ImageShape,
  InputError,
  type Origin,
  searchEncoding,
  searchVariation,
} from '@pareidolia/core';
import { type CellView, type CurvePoint, Pedigree, type RunState, type RunStatus } from '@pareidolia/studio';
import { BIRTH_LINE, type BirthLine, HISTORY_LINE, type HistoryLine } from '../fool/history.ts';
import { type CheckpointView, viewCheckpoint } from '../fool/search-checkpoint.ts';
import { FOOL, type FoolSettings, searchOf } from '../fool/settings.ts';
import { type JobConfig, readConfig } from '../job/config.ts';
import { workerOf } from '../job/lock.ts';
import { Tail } from '../job/tail.ts';

/** What is new since the last look. */
export interface RunNews {
  readonly changed: readonly CellView[];
  readonly curve: readonly CurvePoint[];
}

export class RunReader {
  readonly id: string;
  readonly path: string;
  config: JobConfig<FoolSettings>;
  checkpoint: CheckpointView | undefined;
  pedigree = new Pedigree();
  curve: CurvePoint[] = [];
  readonly #history: Tail<HistoryLine>;
  readonly #births: Tail<BirthLine>;
  #last: HistoryLine | undefined;
  #stamp = '';
  readonly #changed = new Set<number>();
  #points: CurvePoint[] = [];
  /** Whether it is shown; of others only checkpoints are read, and no journals. */
  #isOpen = false;
  /** Where the run stood, and when, at the beginning of what the rate is measured over. */
  #pace: { readonly evaluations: number; readonly seconds: number } | undefined;

  /** @throws InputError where the folder holds no run */
  constructor(id: string, path: string) {
    const config = readConfig(path, FOOL);
    if (config === undefined) throw new InputError(`${path} holds no run; choose a folder that \`fool\` has written`);
    this.id = id;
    this.path = path;
    this.config = config;
    this.#history = new Tail(join(path, 'history.jsonl'), HISTORY_LINE);
    this.#births = new Tail(join(path, 'births.jsonl'), BIRTH_LINE);
    this.refresh();
  }

  /**
   * How candidates of the search are made.
   *
   * @param resources what its encoding needs, such as a generator
   */
  origin(shape: ImageShape, resources: EncodingResources = {}): Origin {
    const spec = searchOf(this.config.settings, shape, resources);
    const encoding = searchEncoding(spec, shape, resources);
    // Jobs of this kind always have a seed.
    return { encoding, variation: searchVariation(spec, encoding), seed: this.config.seed! };
  }

  /** Reads all that there is, now and with each {@link refresh}. */
  open(): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#stamp = '';
    }
    this.refresh();
  }

  /** Reads what is new, and keeps it for {@link takeNews}. */
  refresh(): void {
    const stamp = stampOf(join(this.path, 'checkpoint.json'));
    if (stamp === this.#stamp) return;
    // A resumed run may have been asked for more.
    this.config = readConfig(this.path, FOOL) ?? this.config;
    const before = this.checkpoint?.elites ?? [];
    this.checkpoint = viewCheckpoint(this.path, this.config.settings.classes.length);
    this.#stamp = stamp;
    if (!this.#isOpen) return;
    const elites = this.checkpoint?.elites ?? [];
    elites.forEach((elite, cell) => {
      if (elite !== undefined && elite.id !== before[cell]?.id) this.#changed.add(cell);
    });
    if (this.checkpoint !== undefined) this.#points.push(...this.#readJournals(this.checkpoint.logs));
  }

  /** What is new since the last call; nothing if nothing is. */
  takeNews(): RunNews | undefined {
    if (this.#changed.size === 0 && this.#points.length === 0) return undefined;
    const news = { changed: this.cells([...this.#changed]), curve: this.#points };
    this.#changed.clear();
    this.#points = [];
    return news;
  }

  /** The packed genome of an individual that holds a cell; `undefined` of others, and where the pack has moved meanwhile. */
  genomeOf(id: number): Uint8Array | undefined {
    if (!this.checkpoint?.elites.some((elite) => elite?.id === id)) return undefined;
    try {
      return this.checkpoint.genome(id);
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }

  /** The holders of some cells; of all when none are named. */
  cells(places?: readonly number[]): CellView[] {
    return (places ?? [...this.config.settings.classes.keys()]).flatMap((cell) => {
      const elite = this.checkpoint?.elites[cell];
      return elite === undefined ? [] : [{ classIndex: this.config.settings.classes[cell]!, ...elite }];
    });
  }

  /** @param held what the studio knows beyond the folder: its own process, that it has paused the run, or that it failed */
  status(held?: {
    readonly process?: { readonly share: number } | undefined;
    readonly state: RunState;
    readonly error?: string;
  }): RunStatus {
    const { settings, seed, inputs } = this.config;
    const { encoding, emitter, batch } = settings;
    const generations = this.checkpoint?.generations ?? 0;
    const total = settings.generations === undefined ? undefined : settings.generations + 1;
    const saved = total === undefined ? (this.checkpoint?.progress ?? 0) : Math.min(1, generations / total);
    const working = workerOf(this.path) !== undefined;
    // Whoever works in it now may be another one than whom we started.
    const own = !working || held?.process !== undefined ? held : undefined;
    const progress = Math.max(saved, own?.process?.share ?? 0);
    const done = existsSync(join(this.path, 'result.json')) && saved === 1;
    const rate = this.#rate();
    const evaluations = this.checkpoint?.evaluations ?? 0;
    const left = progress > 0 ? (evaluations / progress) * (1 - progress) : undefined;
    return {
      id: this.id,
      name: basename(this.path),
      model: inputs.model?.name ?? '',
      encoding,
      emitter,
      state: working ? (own?.state ?? 'followed') : done ? 'finished' : (own?.state ?? 'stopped'),
      ...(own?.error === undefined ? {} : { error: own.error }),
      seed: seed ?? 0,
      batch,
      generations,
      ...(total === undefined ? {} : { total }),
      progress,
      evaluations,
      evaluationsPerSecond: working ? rate : 0,
      secondsLeft: working && left !== undefined && rate > 0 ? left / rate : undefined,
      last: this.#last,
      ...(!working && existsSync(join(this.path, 'report.html')) ? { hasReport: true } : {}),
    };
  }

  /** @param logs their bytes when the checkpoint was written: the process that works in the folder is further by now */
  #readJournals(logs: CheckpointView['logs']): CurvePoint[] {
    const births = this.#births.read(logs.births);
    if (births.anew) this.pedigree = new Pedigree();
    for (const birth of births.lines) this.pedigree.add(birth);
    const history = this.#history.read(logs.history);
    if (history.anew) this.curve = [];
    const points = history.lines.map(({ generation, evaluations, median, mean, worst }) => ({
      generation,
      evaluations,
      median,
      mean,
      worst,
    }));
    this.curve.push(...points);
    this.#last = history.lines.at(-1) ?? this.#last;
    return points;
  }

  /** Images per second since the first look at a run that goes on; over all of it before there is a second one. */
  #rate(): number {
    if (this.checkpoint === undefined) return 0;
    const { evaluations, seconds } = this.checkpoint;
    this.#pace ??= { evaluations, seconds };
    const passed = seconds - this.#pace.seconds;
    return passed > 0 ? (evaluations - this.#pace.evaluations) / passed : seconds > 0 ? evaluations / seconds : 0;
  }
}

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.mtimeMs} ${stats.ino} ${stats.size}`;
}
