/** @file The training of a generator that is watched: lives on while other rooms are open. */

import type { TrainingEpoch, TrainingStatus } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';

export class TrainingWatch {
  readonly #session: Session;
  list = $state.raw<readonly TrainingStatus[]>([]);
  /** The one that is shown; `undefined` where none is. */
  status = $state.raw<TrainingStatus | undefined>(undefined);
  epochs = $state.raw<readonly TrainingEpoch[]>([]);
  /** The newest sheet of samples, as the address of a picture. */
  sheet = $state.raw<{ readonly epoch: number; readonly address: string } | undefined>(undefined);
  #fetching = false;

  constructor(session: Session) {
    this.#session = session;
    session.client.onEvent((event) => {
      if (event.type !== 'training') return;
      this.list = this.list.map((one) => (one.id === event.status.id ? event.status : one));
      if (event.status.id !== this.status?.id) return;
      this.status = event.status;
      const last = this.epochs.at(-1)?.epoch ?? 0;
      const fresh = event.epochs.filter(({ epoch }) => epoch > last);
      // Fewer than before: an epoch is repeated after an interruption.
      if (event.status.epoch < last) void this.open(event.status.id);
      else if (fresh.length > 0) this.epochs = [...this.epochs, ...fresh];
      void this.#fetch();
    });
  }

  /**
   * After a connection: what was shown may be out of date, or there may be one to open at once.
   *
   * @param isAlone whether there is nothing else to show
   */
  async begin(isAlone: boolean): Promise<void> {
    const answer = await this.#session.ask('trainings.list', {});
    if (answer === undefined) return;
    this.list = answer.trainings;
    const wanted = this.status?.id ?? this.#session.about?.training ?? (isAlone ? this.list[0]?.id : undefined);
    if (this.list.some(({ id }) => id === wanted)) await this.open(wanted!);
    else this.close();
  }

  async open(training: string): Promise<void> {
    const view = await this.#session.ask('trainings.open', { training });
    if (view === undefined) return;
    if (this.status?.id !== training) this.#forgetSheet();
    this.status = view.status;
    this.epochs = view.epochs;
    await this.#fetch();
  }

  close(): void {
    this.status = undefined;
    this.epochs = [];
    this.#forgetSheet();
  }

  /** Loads the generator that came of it, and goes for a walk in it. */
  async walk(): Promise<void> {
    if (this.status === undefined) return;
    const answer = await this.#session.ask('trainings.generator', { training: this.status.id });
    if (answer === undefined) return;
    this.#session.addGenerator(answer.generator);
    location.hash = '#walk';
  }

  /** The newest sheet, where it is another one than is shown. */
  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      while (this.status !== undefined && this.status.epoch > (this.sheet?.epoch ?? 0)) {
        const training = this.status.id;
        const { epoch, png } = await this.#session.client.call('trainings.sheet', { training });
        if (this.status?.id !== training) continue;
        this.#forgetSheet();
        const blob = new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' });
        this.sheet = { epoch, address: URL.createObjectURL(blob) };
        if (epoch < this.status.epoch) break;
      }
    } catch (error) {
      this.#session.notice = error instanceof Error ? error.message : String(error);
    } finally {
      this.#fetching = false;
    }
  }

  #forgetSheet(): void {
    if (this.sheet !== undefined) URL.revokeObjectURL(this.sheet.address);
    this.sheet = undefined;
  }
}

let watch: TrainingWatch | undefined;

/** There is one for the page. */
export function trainingWatchOf(session: Session): TrainingWatch {
  watch ??= new TrainingWatch(session);
  return watch;
}
