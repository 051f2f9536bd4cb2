/** @file The run that is watched: lives on while other rooms are open. */

import type { ImageShape } from '@pareidolia/core';
import type { CellView, CurvePoint, ElitePicture, EliteView, RunStatus } from '@pareidolia/studio';
import { download } from '../../images/png.ts';
import type { Session } from '../../session.svelte.ts';
import { DEMONSTRATION, wantsDemonstration } from './demonstration.ts';

/** Pictures in one request. */
const PICTURES = 60;

/** Milliseconds between two looks at the elite that is shown large. */
const LOOK_EVERY = 700;

export class Watching {
  readonly #session: Session;
  runs = $state.raw<readonly RunStatus[]>([]);
  status = $state.raw<RunStatus | undefined>(undefined);
  shape = $state.raw<ImageShape>({ channels: 1, height: 1, width: 1 });
  labels = $state.raw<readonly string[]>([]);
  classes = $state.raw<readonly number[]>([]);
  curve = $state.raw<readonly CurvePoint[]>([]);
  /** Grows when cells or pictures have changed. */
  version = $state(0);
  /** The class whose elite is shown large. */
  selected = $state<number | undefined>(undefined);
  elite = $state.raw<EliteView | undefined>(undefined);
  /** The run that began by itself, as the page was opened. */
  byItself = $state<string | undefined>(undefined);
  /** By class; see {@link version}. */
  readonly cells = new Map<number, CellView>();
  readonly pictures = new Map<number, ElitePicture>();
  #wanted: readonly number[] = [];
  #size = 96;
  #asking = false;
  #drawing = false;
  #looking = false;
  #looked = 0;

  constructor(session: Session) {
    this.#session = session;
    session.client.onEvent((event) => {
      if (event.type !== 'run') return;
      const known = this.runs.some(({ id }) => id === event.status.id);
      this.runs = known
        ? this.runs.map((run) => (run.id === event.status.id ? event.status : run))
        : [event.status, ...this.runs];
      if (event.status.id !== this.status?.id) return;
      this.status = event.status;
      for (const cell of event.changed) this.cells.set(cell.classIndex, cell);
      const last = this.curve.at(-1)?.generation ?? -1;
      const fresh = event.curve.filter(({ generation }) => generation > last);
      if (fresh.length > 0) this.curve = [...this.curve, ...fresh];
      this.#changed();
    });
  }

  /** After a connection: what was shown may be out of date, or there may be a run to open at once. */
  async begin(): Promise<void> {
    const { about } = this.#session;
    const list = await this.#session.ask('runs.list', {});
    // Without an answer what was shown stays, until the engine is back.
    if (list === undefined) return;
    this.runs = list.runs;
    const has = (id: string | undefined): boolean => this.runs.some((run) => run.id === id);
    const wanted = [this.status?.id, about?.run, this.runs.at(0)?.id].find(has);
    if (wanted !== undefined) await this.open(wanted);
    else {
      this.#forget();
      await this.#demonstrate();
    }
  }

  /** Shows what a search is, once; a server keeps it in memory, since nobody asked for a folder. */
  async #demonstrate(): Promise<void> {
    const { about, model } = this.#session;
    if (about === undefined || model?.id !== about.first || this.byItself !== undefined) return;
    if (!wantsDemonstration()) return;
    this.byItself = '';
    const answer = await this.#session.ask('runs.start', {
      model: model.id,
      ...DEMONSTRATION,
      isDemonstration: true,
    });
    // Whoever was faster has a search already.
    if (answer === undefined || this.status !== undefined) return;
    this.byItself = answer.run;
    await this.open(answer.run);
  }

  async open(run: string): Promise<void> {
    const view = await this.#session.ask('runs.open', { run });
    if (view === undefined) return;
    if (this.status?.id !== run) {
      this.pictures.clear();
      this.cells.clear();
      this.close();
    }
    this.status = view.status;
    this.shape = view.shape;
    this.labels = view.classNames;
    this.classes = view.classIndices;
    this.curve = view.curve;
    for (const cell of view.cells) this.cells.set(cell.classIndex, cell);
    this.#changed();
  }

  async control(action: 'pause' | 'resume' | 'stop'): Promise<void> {
    if (this.status === undefined) return;
    const answer = await this.#session.ask('runs.control', { run: this.status.id, action });
    if (answer !== undefined) this.status = answer.status;
  }

  /** Saves the report: it is a page of its own, which this one's policy would not let in. */
  async saveReport(): Promise<void> {
    if (this.status === undefined) return;
    const { id, name } = this.status;
    const answer = await this.#session.ask('runs.report', { run: id });
    if (answer !== undefined) download(new Blob([answer.html], { type: 'text/html' }), `${name}-report.html`);
  }

  /** The cells that can be seen, and how large. */
  want(classes: readonly number[], size: number): void {
    this.#wanted = classes;
    this.#size = size;
    void this.#fetch();
  }

  select(label: number): void {
    this.selected = label;
    this.#looked = 0;
    void this.#look();
  }

  close(): void {
    this.selected = undefined;
    this.elite = undefined;
  }

  #forget(): void {
    this.status = undefined;
    this.curve = [];
    this.cells.clear();
    this.pictures.clear();
    this.close();
  }

  /** Redraws with the next frame, however much has come. */
  #changed(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.version++;
      void this.#fetch();
      void this.#look();
    });
  }

  /** Asks for the pictures that are seen and out of date, some at a time. */
  async #fetch(): Promise<void> {
    if (this.#asking || this.status === undefined) return;
    const run = this.status.id;
    const stale = this.#wanted.filter((label) => {
      const cell = this.cells.get(label);
      return cell !== undefined && this.pictures.get(label)?.id !== cell.id;
    });
    if (stale.length === 0) return;
    this.#asking = true;
    // A run that goes away in between is told by whoever opened it.
    const answer = await this.#session.client
      .call('runs.pictures', { run, classes: stale.slice(0, PICTURES), size: this.#size })
      .catch(() => undefined);
    this.#asking = false;
    if (answer === undefined || this.status?.id !== run) return;
    for (const picture of answer.pictures) {
      this.pictures.set(picture.classIndex, picture);
      // A picture may be newer than what was told of its cell.
      const cell = this.cells.get(picture.classIndex);
      if (cell !== undefined && cell.id !== picture.id) this.cells.set(picture.classIndex, { ...cell, id: picture.id });
    }
    this.#changed();
  }

  /** Keeps the large elite up to date. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      // What changes in between is looked at once more.
      for (;;) {
        const label = this.selected;
        if (label === undefined || this.status === undefined || !this.#isOutdated(label)) return;
        const wait = this.#looked + LOOK_EVERY - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        const run = this.status?.id;
        if (run === undefined || this.selected !== label) continue;
        this.#looked = performance.now();
        const elite = await this.#session.client.call('runs.elite', { run, class: label });
        if (this.status?.id === run && this.selected === label) {
          this.elite = elite;
          // A newer one than was told of: its cell will be told, too.
          const cell = this.cells.get(label);
          if (cell !== undefined && cell.id !== elite.id) this.cells.set(label, { ...cell, id: elite.id });
        }
      }
    } catch (error) {
      this.#session.notice = error instanceof Error ? error.message : String(error);
      this.selected = undefined;
    } finally {
      this.#looking = false;
    }
  }

  #isOutdated(label: number): boolean {
    return this.elite?.classIndex !== label || this.elite.id !== this.cells.get(label)?.id;
  }
}

let watching: Watching | undefined;

/** There is one for the page. */
export function watchingOf(session: Session): Watching {
  watching ??= new Watching(session);
  return watching;
}
