import {
  ASCENT_PRESETS,
  Ascent,
  type Breeder,
  createEncoding,
  type Encoding,
  type Generation,
  InputError,
  imageSize,
  type OnnxClassifier,
  Search,
} from '@pareidolia/core';
import { type EliteSource, elitePicture, viewElite } from './elite-view.ts';
import type { StudioHost } from './host.ts';
import { Pedigree } from './lineage.ts';
import type { Models } from './models.ts';
import type { CellView, CurvePoint, Parameters, RunState, RunStatus, RunView } from './protocol.ts';
import type { Runs } from './runs.ts';

/** Milliseconds between two events of a run. */
const EVENT_EVERY = 120;

/** Starts of an ascent for each class. */
const STARTS = 4;

/** Images that climb together: few, so that a group is soon done and can be seen. */
const CLIMBERS = 40;

class LiveRun {
  readonly id: string;
  readonly request: Parameters<'runs.start'>;
  readonly network: OnnxClassifier;
  readonly classes: readonly number[];
  readonly encoding: Encoding | undefined;
  readonly pedigree = new Pedigree();
  readonly curve: CurvePoint[] = [];
  readonly #host: StudioHost;
  readonly #search: Search | Ascent;
  readonly #breeder: Breeder | undefined;
  readonly #total: number;
  #state: RunState = 'running';
  #error: string | undefined;
  #last: Generation | undefined;
  /** Milliseconds of search, pauses left out. */
  #spent = 0;
  #changed = new Set<number>();
  #unsent: CurvePoint[] = [];
  #sent = Number.NEGATIVE_INFINITY;
  #working = false;

  constructor(id: string, request: Parameters<'runs.start'>, network: OnnxClassifier, host: StudioHost) {
    this.id = id;
    this.request = request;
    this.network = network;
    this.#host = host;
    const { seed, batch, encoding } = request;
    const bad = request.classes?.find((label) => label >= network.numClasses);
    if (bad !== undefined) {
      throw new InputError(`${network.where} has the classes 0 to ${network.numClasses - 1}, there is no ${bad}`);
    }
    this.classes = [...new Set(request.classes ?? network.classNames.keys())].sort((a, b) => a - b);
    if (encoding === 'ascent') {
      const group = Math.max(1, Math.floor(CLIMBERS / STARTS));
      const settings = { ...ASCENT_PRESETS.plain, steps: Math.min(request.generations, 2000) };
      const ascent = new Ascent({
        scorer: network,
        classes: this.classes,
        seed,
        settings,
        starts: STARTS,
        group,
        target: 0.9999,
      });
      this.#search = ascent;
      this.#total = ascent.total;
    } else {
      const spec = { name: encoding, shape: network.shape, options: {} };
      this.encoding = createEncoding(spec);
      this.#breeder = host.breeder(spec, seed);
      this.#search = new Search({ scorer: network, breeder: this.#breeder, classes: this.classes, seed, batch });
      this.#total = request.generations + 1;
    }
  }

  get source(): EliteSource {
    const { seed, batch } = this.request;
    const { network: scorer, encoding, pedigree } = this;
    return { scorer, classNames: scorer.classNames, encoding, seed, batch, pedigree };
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get archive() {
    return this.#search.archive;
  }

  status(): RunStatus {
    const { encoding, seed, batch } = this.request;
    const generations = this.#search.generations;
    const { evaluations } = this.#last ?? { evaluations: 0 };
    const seconds = this.#spent / 1000;
    return {
      id: this.id,
      name: `${encoding}, seed ${seed}`,
      model: this.network.where,
      encoding,
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      seed,
      batch,
      generations,
      total: this.#total,
      evaluations,
      evaluationsPerSecond: seconds > 0 ? evaluations / seconds : 0,
      secondsLeft: generations > 0 ? (seconds / generations) * (this.#total - generations) : undefined,
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
    if (this.#state === 'running') void this.work();
    this.#tell(true);
  }

  /** Takes generations until the run is done, paused or stopped. */
  async work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#state === 'running' && this.#search.generations < this.#total) {
        const begin = this.#host.now();
        const generation = await this.#search.step();
        this.#spent += this.#host.now() - begin;
        this.#note(generation);
        await this.#host.pause();
      }
      if (this.#state === 'running') this.#state = 'finished';
    } catch (error) {
      this.#state = 'failed';
      this.#error = error instanceof Error ? error.message : String(error);
    } finally {
      this.#working = false;
    }
    this.#tell(true);
  }

  async dispose(): Promise<void> {
    this.control('stop');
    await this.#breeder?.dispose();
  }

  #note(generation: Generation): void {
    this.#last = generation;
    const { generation: number, evaluations, median, mean, worst } = generation;
    const point = { generation: number, evaluations, median, mean, worst };
    this.curve.push(point);
    this.#unsent.push(point);
    for (const birth of generation.births) {
      this.pedigree.add({ ...birth, generation: number, parent: birth.parent ?? null });
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

/** As many runs as are kept; the oldest goes when another is started. */
const MOST = 5;

export class LiveRuns implements Runs {
  readonly #host: StudioHost;
  readonly #models: Models;
  readonly #runs = new Map<string, LiveRun>();
  #count = 0;

  constructor(host: StudioHost, models: Models) {
    this.#host = host;
    this.#models = models;
  }

  async list(): Promise<readonly RunStatus[]> {
    return [...this.#runs.values()].map((run) => run.status());
  }

  async start(request: Parameters<'runs.start'>): Promise<string> {
    const id = `run-${++this.#count}`;
    const run = new LiveRun(id, request, this.#models.counted(request.model), this.#host);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= MOST && oldest !== undefined) {
      await this.#runs.get(oldest)!.dispose();
      this.#runs.delete(oldest);
    }
    this.#pauseOthers(id);
    this.#runs.set(id, run);
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
    const { shape } = run.network;
    return classes.flatMap((label) => {
      const elite = run.archive.elites[run.classes.indexOf(label)];
      return elite === undefined
        ? []
        : [{ classIndex: label, id: elite.id, ...elitePicture(elite.genome, run.encoding, shape, size) }];
    });
  }

  async elite(id: string, label: number) {
    const run = this.#get(id);
    const elite = run.archive.elites[run.classes.indexOf(label)];
    if (elite === undefined) throw new InputError(`Class ${label} has no image yet; wait for the first generation`);
    if (elite.genome.length === 0 || imageSize(run.network.shape) === 0) throw new InputError('The image is empty');
    return viewElite(elite, label, run.source);
  }

  async dispose(): Promise<void> {
    for (const run of this.#runs.values()) await run.dispose();
    this.#runs.clear();
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
