/** @file Runs that are kept in memory, those of the engine in a page. */

import {
  type Classifier,
  DEFAULT_EMITTER,
  type Encoding,
  emitterNamed,
  type Generation,
  type GradientScorer,
  type ImageShape,
  InputError,
  openSearch,
  resolveSearch,
  type Search,
  type SearchSpec,
  searchEncoding,
  searchVariation,
  TimeLeft,
} from '@pareidolia/core';
import { type EliteSource, elitePictures, isSmall, viewElite } from './elite-view.ts';
import type { StudioHost } from './host.ts';
import { GivenUp, Halt, interruptible } from './interruptible.ts';
import { Pedigree } from './lineage.ts';
import type { Models } from './models.ts';
import type { CellView, CurvePoint, Parameters, RunState, RunStatus, RunView } from './protocol.ts';
import type { RunRequest, Runs } from './runs.ts';

/** Milliseconds between two events of a run. */
const EVENT_EVERY = 120;

/** Images of an emitter that ends by itself which go on together: few, so that they are soon done and can be seen. */
const FEW = 40;

/** Most steps of an emitter that ends by itself: a page has to stay answerable. */
const MOST_STEPS = 2000;

class LiveRun {
  readonly id: string;
  readonly request: RunRequest;
  readonly network: Classifier & GradientScorer;
  readonly classes: readonly number[];
  readonly spec: SearchSpec;
  readonly encoding: Encoding;
  readonly pedigree = new Pedigree();
  readonly curve: CurvePoint[] = [];
  readonly #host: StudioHost;
  readonly #search: Search;
  /** A step of a large network takes minutes: it is halted within. */
  readonly #halt = new Halt();
  #state: RunState = 'running';
  #error: string | undefined;
  #last: Generation | undefined;
  /** Milliseconds of search, pauses left out. */
  #spent = 0;
  /** Since when the step under way has been at work. */
  #begin: number | undefined;
  readonly #left = new TimeLeft();
  #changed = new Set<number>();
  #unsent: CurvePoint[] = [];
  #sent = Number.NEGATIVE_INFINITY;
  #working = false;

  constructor(id: string, request: RunRequest, network: Classifier & GradientScorer, host: StudioHost) {
    this.id = id;
    this.request = request;
    this.network = network;
    this.#host = host;
    const { seed } = request;
    const bad = request.classes?.find((label) => label >= network.numClasses);
    if (bad !== undefined) {
      throw new InputError(`${network.where} has the classes 0 to ${network.numClasses - 1}, there is no ${bad}`);
    }
    this.classes = [...new Set(request.classes ?? network.classNames.keys())].sort((a, b) => a - b);
    this.spec = specOf(request, network.shape);
    this.encoding = searchEncoding(this.spec, network.shape);
    this.#search = openSearch(this.spec, {
      scorer: interruptible(network, () => this.#between()),
      classIndices: this.classes,
      seed,
      breeder: host.breeder,
      onProgress: () => {
        this.#left.note((this.#spent + this.#sinceBegin()) / 1000, this.#search.progress);
        this.#tell(false);
      },
    });
  }

  get source(): EliteSource {
    const { network: scorer, encoding, pedigree } = this;
    const origin = { encoding, variation: searchVariation(this.spec, encoding), seed: this.request.seed };
    const genomeOf = (id: number) => this.archive.elites.find((elite) => elite?.id === id)?.genome;
    return { scorer, classNames: scorer.classNames, origin, pedigree, genomeOf };
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get archive() {
    return this.#search.scheduler.archive;
  }

  status(): RunStatus {
    const { seed } = this.request;
    const { encoding, emitter, batch } = this.spec;
    const { scheduler, progress, total } = this.#search;
    const { evaluations, generations } = scheduler;
    const seconds = (this.#spent + this.#sinceBegin()) / 1000;
    return {
      id: this.id,
      name: `${searchName(this.spec)}, seed ${seed}`,
      model: this.network.where,
      encoding: encoding.name,
      emitter: emitter.name,
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      seed,
      batch,
      generations,
      ...(total === undefined ? {} : { total }),
      progress,
      evaluations,
      evaluationsPerSecond: seconds > 0 ? evaluations / seconds : 0,
      secondsLeft: this.#left.secondsLeft,
      last: this.#last,
    };
  }

  view(): RunView {
    const { shape, classNames } = this.network;
    const cells = this.classes.flatMap((_, cell) => this.#cell(cell));
    return {
      status: this.status(),
      shape,
      classNames: classNames,
      classIndices: this.classes,
      cells,
      curve: this.curve,
    };
  }

  control(action: Parameters<'runs.control'>['action']): void {
    if (this.#state === 'finished' || this.#state === 'failed') return;
    if (this.#state === 'stopped' && action !== 'resume') return;
    this.#state = action === 'pause' ? 'paused' : action === 'resume' ? 'running' : 'stopped';
    if (this.#state === 'running') {
      this.#halt.release();
      if (this.#working) this.#begin ??= this.#host.now();
      void this.work();
    } else {
      this.#halt.halt();
      this.#rest();
    }
    this.#tell(true);
  }

  /** Takes generations until the run is done, paused or stopped. */
  async work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#state === 'running' && !this.#search.isDone) {
        this.#begin = this.#host.now();
        const generation = await this.#search.scheduler.step();
        this.#rest();
        this.#left.note(this.#spent / 1000, this.#search.progress);
        this.#note(generation);
        await this.#host.pause();
      }
      if (this.#state === 'running') this.#state = 'finished';
    } catch (error) {
      if (error instanceof GivenUp) return;
      this.#state = 'failed';
      this.#error = error instanceof Error ? error.message : String(error);
    } finally {
      this.#working = false;
    }
    this.#tell(true);
  }

  async dispose(): Promise<void> {
    this.control('stop');
    this.#halt.giveUp();
    await this.#search.dispose();
  }

  /** Within a step: others are let in, and a pause or an end is heard. */
  async #between(): Promise<void> {
    await this.#host.pause();
    await this.#halt.pass();
  }

  /** The clock of the search stands still. */
  #rest(): void {
    this.#spent += this.#sinceBegin();
    this.#begin = undefined;
  }

  #sinceBegin(): number {
    return this.#begin === undefined ? 0 : this.#host.now() - this.#begin;
  }

  #note(generation: Generation): void {
    this.#last = generation;
    const { generation: number, evaluations, median, mean, worst } = generation;
    const point = { generation: number, evaluations, median, mean, worst };
    this.curve.push(point);
    this.#unsent.push(point);
    for (const birth of generation.births) {
      this.pedigree.add({ ...birth, generation: number });
      this.#changed.add(birth.classIndex);
    }
    this.#tell(false);
  }

  #tell(now: boolean): void {
    const time = this.#host.now();
    if (!now && time - this.#sent < EVENT_EVERY) return;
    this.#sent = time;
    const changed = [...this.#changed].flatMap((label) => this.#cell(this.classes.indexOf(label)));
    this.#host.emit({ type: 'run', status: this.status(), changed, curve: this.#unsent });
    this.#changed.clear();
    this.#unsent = [];
  }

  #cell(cell: number): CellView[] {
    const elite = this.archive.elites[cell];
    return elite === undefined ? [] : [{ classIndex: this.classes[cell]!, id: elite.id, confidence: elite.confidence }];
  }
}

/** What a page asks for as a search. */
export function specOf({ emitter, encoding, generations, batch }: RunRequest, shape: ImageShape): SearchSpec {
  const names = { ...(emitter === undefined ? {} : { emitter }), ...(encoding === undefined ? {} : { encoding }) };
  const spec = resolveSearch({ ...names, generations: generations, batch }, shape);
  if (spec.generations !== undefined) return spec;
  return resolveSearch(
    { ...names, generations: Math.min(generations, MOST_STEPS), batch: Math.min(batch, FEW) },
    shape,
  );
}

/** What a user gives as the number of generations for a search. */
export function lengthOf({ emitter, generations }: SearchSpec): number {
  const { length } = emitterNamed(emitter.name);
  return length === 'generations' ? (generations ?? 0) : emitter.settings[length.setting]!;
}

/** A search in a word or two. */
export function searchName({ emitter, encoding }: SearchSpec): string {
  return emitter.name === DEFAULT_EMITTER ? encoding.name : `${emitter.name}, ${encoding.name}`;
}

/** As many runs as are kept; the oldest goes when another is started. */
const MOST = 5;

export class LiveRuns implements Runs {
  readonly #host: StudioHost;
  readonly #models: Models;
  readonly #runs = new Map<string, LiveRun>();
  /** What lets go of each run's network. */
  readonly #releases = new Map<string, () => void>();
  readonly #stem: string;
  #count = 0;

  /** @param stem that ids begin with */
  constructor(host: StudioHost, models: Models, stem = 'run') {
    this.#host = host;
    this.#models = models;
    this.#stem = stem;
  }

  has(run: string): boolean {
    return this.#runs.has(run);
  }

  async list(): Promise<readonly RunStatus[]> {
    return [...this.#runs.values()].reverse().map((run) => run.status());
  }

  async start(request: RunRequest): Promise<string> {
    const id = `${this.#stem}-${++this.#count}`;
    const run = new LiveRun(id, request, this.#models.counted(request.model), this.#host);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= MOST && oldest !== undefined) await this.#forget(oldest);
    this.#pauseOthers(id);
    this.#runs.set(id, run);
    // A run is looked at, and may go on, as long as it is kept.
    this.#releases.set(id, this.#models.hold(request.model));
    void run.work();
    return id;
  }

  async open(run: string): Promise<RunView> {
    return this.#get(run).view();
  }

  async control(run: string, action: Parameters<'runs.control'>['action']): Promise<RunStatus> {
    if (action === 'resume') this.#pauseOthers(run);
    this.#get(run).control(action);
    return this.#get(run).status();
  }

  async pictures(id: string, classes: readonly number[], size: number) {
    const run = this.#get(id);
    const elites = classes.flatMap((classIndex) => {
      const elite = run.archive.elites[run.classes.indexOf(classIndex)];
      return elite === undefined ? [] : [{ classIndex, ...elite }];
    });
    const asked = run.isRunning && !isSmall(run.encoding) ? undefined : run.source.scorer;
    return elitePictures(elites, run.encoding, size, asked);
  }

  async elite(id: string, label: number) {
    const run = this.#get(id);
    const elite = run.archive.elites[run.classes.indexOf(label)];
    if (elite === undefined) throw new InputError(`Class ${label} has no image yet; wait for the first generation`);
    return viewElite(elite, label, run.source);
  }

  async dispose(): Promise<void> {
    for (const id of [...this.#runs.keys()]) await this.#forget(id);
  }

  async #forget(id: string): Promise<void> {
    await this.#runs.get(id)?.dispose();
    this.#runs.delete(id);
    this.#releases.get(id)?.();
    this.#releases.delete(id);
  }

  /** One search at a time has the machine. */
  #pauseOthers(id: string): void {
    for (const [other, run] of this.#runs) if (other !== id && run.isRunning) run.control('pause');
  }

  #get(id: string): LiveRun {
    const run = this.#runs.get(id);
    if (run === undefined) throw new InputError('There is no such run any more; start another');
    return run;
  }
}
