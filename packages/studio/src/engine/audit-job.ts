/** @file One audit that an engine runs: where it stands, and what has come of it so far. */

import { InputError } from '@pareidolia/core';
import {
  type Audited,
  type AuditedClassifier,
  type AuditFinding,
  type AuditOptions,
  audit,
  CHECKS,
  type PicturedEvidence,
} from '@pareidolia/lab';
import { attentive } from './attentive.ts';
import type { AuditCheckView, AuditState, AuditStatus, AuditView } from './audit-views.ts';
import type { StudioHost } from './host.ts';

/** Milliseconds between two events that tell of progress only. */
const EVENT_EVERY = 150;

/** Milliseconds of work between two pauses. */
const PAUSE_EVERY = 10;

/** Share that has to be done before the pace so far says anything. */
const PACE_FROM = 0.02;

/** Thrown where an audit is told to stop. */
class AuditStopped extends Error {}

/** Pixels of the pictures of an audit, by their ids. */
export type AuditPictures = Audited['pictures'];

export class AuditJob {
  readonly id: string;
  readonly #name: string;
  readonly #network: AuditedClassifier;
  readonly #options: AuditOptions & Required<Pick<AuditOptions, 'threshold' | 'checks'>>;
  readonly #host: Pick<StudioHost, 'now' | 'pause' | 'emit'>;
  readonly #pictures = new Map<string, { readonly shape: PicturedEvidence['shape']; readonly planes: Uint8Array }>();
  readonly #checks: AuditCheckView[] = [];
  #findings: readonly AuditFinding[] = [];
  #state: AuditState = 'running';
  #error: string | undefined;
  #folder: string | undefined;
  #share = 0;
  #doing = '';
  #begin: number;
  #paused: number;
  #sent = Number.NEGATIVE_INFINITY;
  #audited: Audited | undefined;
  #isStopping = false;

  constructor(
    id: string,
    name: string,
    network: AuditedClassifier,
    options: AuditOptions & { readonly threshold: number },
    host: Pick<StudioHost, 'now' | 'pause' | 'emit'>,
  ) {
    this.id = id;
    this.#name = name;
    this.#network = network;
    this.#options = { checks: CHECKS, ...options };
    this.#host = host;
    this.#begin = host.now();
    this.#paused = this.#begin;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get folder(): string | undefined {
    return this.#folder;
  }

  /** @throws InputError where it is not finished */
  get audited(): Audited {
    if (this.#audited === undefined) throw new InputError('This audit is not finished; wait for its end');
    return this.#audited;
  }

  /** Those that there are so far. */
  get pictures(): AuditPictures {
    return this.#pictures;
  }

  status(): AuditStatus {
    const seconds = (this.#host.now() - this.#begin) / 1000;
    const share = this.#share;
    return {
      id: this.id,
      name: this.#name,
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(this.#folder === undefined ? {} : { folder: this.#folder }),
      threshold: this.#options.threshold,
      share,
      doing: this.#doing,
      secondsLeft: this.isRunning && share > PACE_FROM ? (seconds / share) * (1 - share) : undefined,
      parts: this.#options.checks.map(({ title }, place) => ({ title, done: place < this.#checks.length })),
    };
  }

  view(): AuditView {
    const { channels, height, width } = this.#network.shape;
    const result = this.#audited?.result;
    return {
      status: this.status(),
      shape: { channels, height, width },
      checks: this.#checks,
      findings: this.#findings,
      ...(result === undefined ? {} : { result }),
    };
  }

  /** It ends with the next pause; what was measured so far stays. */
  stop(): void {
    this.#isStopping = true;
  }

  /**
   * Audits; what comes of it is told by events.
   *
   * @param keep puts the finished audit aside, where the engine does that
   */
  async run(keep?: (audited: Audited) => Promise<string>): Promise<void> {
    this.#begin = this.#host.now();
    const { classifier, pause } = this.#watched();
    try {
      const audited = await audit(classifier, {
        ...this.#options,
        pause,
        onProgress: (share, doing) => {
          this.#share = share;
          this.#doing = doing;
          if (this.#host.now() - this.#sent >= EVENT_EVERY) this.#tell();
        },
        onCheck: ({ title }, { figures, sections, pictures, limits }, findings) => {
          for (const { id, shape, planes } of pictures) this.#pictures.set(id, { shape, planes });
          const views = pictures.map(({ shape: _, planes: __, ...picture }) => picture);
          const check: AuditCheckView = { title, figures, sections, pictures: views, limits };
          this.#checks.push(check);
          this.#findings = findings;
          this.#tell({ checked: { check, findings } });
        },
      });
      // What cannot be written down is told, and is there until the engine ends.
      this.#folder = await keep?.(audited).catch((error: unknown) => {
        this.#error = sentenceOf(error);
        return undefined;
      });
      this.#audited = audited;
      this.#share = 1;
      this.#state = 'finished';
    } catch (error) {
      if (error instanceof AuditStopped) this.#state = 'stopped';
      else {
        this.#state = 'failed';
        this.#error = sentenceOf(error);
      }
    }
    this.#tell(this.#audited === undefined ? {} : { result: this.#audited.result });
  }

  /** The network, which lets requests in while it works, so that a stop is heard. */
  #watched(): { readonly classifier: AuditedClassifier; readonly pause: () => Promise<void> } {
    const pause = async (): Promise<void> => {
      if (this.#host.now() - this.#paused >= PAUSE_EVERY) {
        await this.#host.pause();
        this.#paused = this.#host.now();
      }
      if (this.#isStopping) throw new AuditStopped();
    };
    const { origin, reading, notices } = this.#network;
    const classifier = {
      ...attentive(this.#network, pause),
      ...(origin === undefined ? {} : { origin }),
      ...(reading === undefined ? {} : { reading }),
      ...(notices === undefined ? {} : { notices }),
    };
    return { classifier, pause };
  }

  #tell(news: Pick<Extract<Parameters<StudioHost['emit']>[0], { type: 'audit' }>, 'checked' | 'result'> = {}): void {
    this.#sent = this.#host.now();
    this.#host.emit({ type: 'audit', status: this.status(), ...news });
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
