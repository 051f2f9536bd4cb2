/** @file The audit that is shown: lives on while other rooms are open. */

import type {
  Answers,
  AuditCheckView,
  AuditPictureView,
  AuditStatus,
  AuditView,
  Parameters,
  Picture,
  StudioModel,
} from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';

/** Pictures in one request. */
const PICTURES = 40;

/** No side of a picture is longer, in pixels: evidence is looked at closely. */
const SIDE = 320;

type Result = NonNullable<AuditView['result']>;
/** A finding of an audit. */
export type Finding = AuditView['findings'][number];
/** A figure of an audit. */
export type Figure = AuditCheckView['figures'][number];

export class Auditing {
  readonly #session: Session;
  audits = $state.raw<readonly AuditStatus[]>([]);
  status = $state.raw<AuditStatus | undefined>(undefined);
  checks = $state.raw<readonly AuditCheckView[]>([]);
  findings = $state.raw<readonly Finding[]>([]);
  result = $state.raw<Result | undefined>(undefined);
  /** The rule id of the finding that is open. */
  selected = $state<string | undefined>(undefined);
  /** Whether it was asked to stop, and has not done so yet. */
  stopping = $state(false);
  starting = $state(false);
  /** The audit that was started from this page just now, until it is shown. */
  startedHere = $state<string | undefined>(undefined);
  /** Grows when pictures have come. */
  version = $state(0);
  readonly #pictures = new Map<string, Picture>();
  readonly #asked = new Set<string>();
  #wanted: string[] = [];
  #isAsking = false;

  readonly finding = $derived(this.findings.find(({ ruleId }) => ruleId === this.selected));
  readonly figures = $derived<readonly Figure[]>(this.result?.figures ?? this.checks.flatMap(({ figures }) => figures));
  readonly pictures = $derived<readonly AuditPictureView[]>(
    this.result?.pictures ?? this.checks.flatMap(({ pictures }) => pictures),
  );
  readonly limits = $derived<readonly string[]>(this.result?.limits ?? this.checks.flatMap(({ limits }) => limits));
  readonly isRunning = $derived(this.status?.state === 'running');

  constructor(session: Session) {
    this.#session = session;
    session.client.onEvent((event) => {
      if (event.type !== 'audit') return;
      const { status, checked, result } = event;
      const known = this.audits.some(({ id }) => id === status.id);
      this.audits = known
        ? this.audits.map((audit) => (audit.id === status.id ? status : audit))
        : [status, ...this.audits];
      if (status.id !== this.status?.id) return;
      this.status = status;
      if (status.state !== 'running') this.stopping = false;
      if (checked !== undefined) {
        this.checks = [...this.checks, checked.check];
        this.findings = checked.findings;
      }
      if (result !== undefined) {
        this.result = result;
        this.findings = result.findings;
      }
    });
  }

  /** After a connection: what was shown may be out of date. */
  async begin(): Promise<void> {
    const list = await this.#session.ask('audits.list', {});
    // Without an answer what was shown stays, until the engine is back.
    if (list === undefined) return;
    this.audits = list.audits;
    const has = (id: string | undefined): boolean => this.audits.some((audit) => audit.id === id);
    const running = this.audits.find(({ state }) => state === 'running')?.id;
    // An audit that was lost with its engine may have been kept.
    const wanted = [this.status?.id, running, this.audits[0]?.id].find(has);
    if (wanted !== undefined) await this.open(wanted);
    else if (this.status !== undefined) this.#forget();
  }

  async open(id: string): Promise<void> {
    const view = await this.#session.ask('audits.open', { audit: id });
    if (view === undefined) return;
    if (this.status?.id !== id) this.#forget();
    this.status = view.status;
    this.checks = view.checks;
    this.findings = view.findings;
    this.result = view.result;
  }

  /** About how long an audit would take, a sentence; `undefined` where that cannot be told. */
  async estimate(request: Parameters<'audits.estimate'>): Promise<string | undefined> {
    return (await this.#session.ask('audits.estimate', request))?.estimate;
  }

  async start(request: Parameters<'audits.start'>): Promise<void> {
    this.starting = true;
    try {
      const answer = await this.#session.ask('audits.start', request);
      if (answer === undefined) return;
      this.#session.notice = undefined;
      this.startedHere = answer.audit;
      await this.open(answer.audit);
    } finally {
      this.starting = false;
    }
  }

  async stop(): Promise<void> {
    if (this.status === undefined || this.stopping) return;
    this.stopping = true;
    await this.#session.ask('audits.stop', { audit: this.status.id });
  }

  select(ruleId: string | undefined): void {
    this.selected = ruleId;
  }

  /** A finished audit as a file. */
  async file(file: Parameters<'audits.file'>['file']): Promise<Answers['audits.file'] | undefined> {
    return this.status && this.#session.ask('audits.file', { audit: this.status.id, file });
  }

  /** The pixels of a picture, asked for where they are not there yet; to be read with {@link version}. */
  picture(id: string): Picture | undefined {
    const known = this.#pictures.get(id);
    if (known === undefined && !this.#asked.has(id)) {
      this.#asked.add(id);
      this.#wanted.push(id);
      // Others are wanted in the same moment.
      queueMicrotask(() => void this.#fetch());
    }
    return known;
  }

  async #fetch(): Promise<void> {
    if (this.#isAsking || this.status === undefined) return;
    this.#isAsking = true;
    const { id: audit } = this.status;
    while (this.#wanted.length > 0 && this.status?.id === audit) {
      const ids = this.#wanted.splice(0, PICTURES);
      const answer = await this.#session.ask('audits.pictures', { audit, ids, size: SIDE });
      if (this.status?.id !== audit) break;
      if (answer === undefined) for (const id of ids) this.#asked.delete(id);
      else for (const { id, ...picture } of answer.pictures) this.#pictures.set(id, picture);
      this.version++;
      if (answer === undefined) break;
    }
    this.#isAsking = false;
    if (this.#wanted.length > 0 && this.status !== undefined && this.status.id !== audit) void this.#fetch();
  }

  #forget(): void {
    this.status = undefined;
    this.checks = [];
    this.findings = [];
    this.result = undefined;
    this.selected = undefined;
    this.stopping = false;
    this.#pictures.clear();
    this.#asked.clear();
    this.#wanted = [];
    this.version++;
  }
}

/** What the form of the room is filled with: stays while other rooms are open. */
export class AuditForm {
  threshold = $state(0.9);
  budget = $state<Parameters<'audits.start'>['budget']>('quick');
  seed = $state(1);
  gates = $state('');
  /** Names of the checks that are left out. */
  leftOut = $state.raw<readonly string[]>([]);
  images = $state<'drawn' | 'own' | 'none'>('drawn');
  own = $state.raw<OwnImages | undefined>(undefined);
}

/** Pictures that were opened for a network. */
export type OwnImages = Extract<NonNullable<Parameters<'audits.start'>['images']>, object> & {
  readonly model: StudioModel['id'];
};

let auditing: Auditing | undefined;
const form = new AuditForm();

/** There is one for the page. */
export function auditingOf(session: Session): Auditing {
  auditing ??= new Auditing(session);
  return auditing;
}

/** There is one for the page. */
export function auditForm(): AuditForm {
  return form;
}
