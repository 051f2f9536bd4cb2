/** @file The audits of an engine: those that it runs, and those that were kept. */

import { type Classifier, type ImageShape, InputError } from '@pareidolia/core';
import {
  AUDIT_BUDGETS,
  AUDIT_FILES,
  type Audited,
  type AuditOptions,
  auditCost,
  CHECKS,
  estimateAudit,
  estimateText,
  formatCount,
  formatDuration,
  MOST_REAL_IMAGES,
  modelFacts,
  parseGates,
  type RealImages,
  secondsPerImage,
} from '@pareidolia/lab';
import { auditCommand } from './audit-command.ts';
import { auditImages } from './audit-images.ts';
import { AuditJob, type AuditPictures } from './audit-job.ts';
import type { AuditShelf } from './audit-shelf.ts';
import type { AuditChoice, AuditStatus, AuditView } from './audit-views.ts';
import type { StudioHost } from './host.ts';
import type { Models } from './models.ts';
import type { Answers, Parameters } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** Audits in memory; the oldest goes when another is started. */
const MOST = 3;

/** Seconds that an audit in a page may take, as far as that can be told before it. */
const MOST_SECONDS = 3600;

/** What an audit may be asked for, where an engine runs. */
export function auditChoice(engine: StudioHost['engine']): AuditChoice {
  return {
    // Hours in a page that has to stay open are none that anybody waits for.
    budgets: engine === 'page' ? AUDIT_BUDGETS.filter((budget) => budget !== 'thorough') : AUDIT_BUDGETS,
    checks: CHECKS.map(({ name, title }) => ({ name, title })),
    files: AUDIT_FILES.map(({ file, title }) => ({ file, title })),
    mostImages: MOST_REAL_IMAGES,
  };
}

export class Audits {
  readonly #host: StudioHost;
  readonly #models: Models;
  readonly #jobs = new Map<string, AuditJob>();
  readonly #ends = new Map<string, Promise<void>>();
  readonly #opened = new Map<string, Promise<Audited>>();
  /** Seconds for an image of the networks that were timed. */
  readonly #paces = new Map<string, Promise<number>>();
  #count = 0;

  constructor(host: StudioHost, models: Models) {
    this.#host = host;
    this.#models = models;
  }

  async list(): Promise<readonly AuditStatus[]> {
    const own = [...this.#jobs.values()].reverse();
    const folders = new Set(own.map(({ folder }) => folder));
    const kept = (await this.#shelf?.list()) ?? [];
    return [...own.map((job) => job.status()), ...kept.filter(({ folder }) => !folders.has(folder))];
  }

  /**
   * Begins an audit; what comes of it is told by events.
   *
   * @returns its id
   * @throws InputError where it cannot be done, or another one is under way
   */
  async start({ model, gates: text, checks: names, ...request }: Parameters<'audits.start'>): Promise<string> {
    if ([...this.#jobs.values()].some((job) => job.isRunning)) {
      throw new InputError('An audit is under way; stop it, or wait for its end');
    }
    const gates = text.trim() === '' ? [] : parseGates(text);
    const release = this.#models.hold(model);
    try {
      const network = this.#models.get(model);
      const { threshold, budget, seed } = request;
      if (!auditChoice(this.#host.engine).budgets.includes(budget)) {
        throw new InputError(`The budget ${budget} takes too long for a page; audit with \`pareidolia audit\``);
      }
      if (network.numClasses < 2) {
        throw new InputError(
          `${network.where} has one class, so whatever it is shown is of that class; audit a network that tells at least two apart`,
        );
      }
      const checks = names === undefined ? CHECKS : CHECKS.filter(({ name }) => names.includes(name));
      const missing = CHECKS.filter((check) => !checks.includes(check)).map(({ title }) => title);
      const source = this.#models.sourceOf(model);
      const words = source.kind === 'embedded' ? '' : (this.#host.modelWords?.(model) ?? source.words);
      const { origin, reading, notices } = network;
      const classifier = { ...this.#models.counted(model), origin, reading, notices };
      const options: AuditOptions & { threshold: number } = {
        ...auditImages(request, network.shape),
        threshold,
        budget,
        seed,
        gates,
        checks,
        limits: missing.length === 0 ? [] : [`A part of the audit only: ${missing.join(', ')} were left out`],
        model: {
          name: network.where,
          kind: source.kind,
          sha256: source.sha256,
          ...(words === undefined ? {} : { words }),
          facts: modelFacts(network, source.cardOrigin),
        },
        command: auditCommand({ ...request, gates: text, isWhole: missing.length === 0 }, source.kind, words),
        version: this.#host.version,
        runtime: this.#host.runtime.name,
      };
      if (this.#host.engine === 'page') {
        const costs = checks.map((check) => ({
          title: check.title,
          passes: auditCost(classifier, { ...options, checks: [check] }),
        }));
        await requireBearable(network, costs, this.#host);
      }
      const id = `audit-${++this.#count}`;
      const job = new AuditJob(id, `${network.where}, ${budget}, seed ${seed}`, classifier, options, this.#host);
      this.#forget();
      this.#jobs.set(id, job);
      const shelf = this.#shelf;
      const ended = job.run(shelf === undefined ? undefined : (audited) => shelf.keep(audited)).finally(release);
      this.#ends.set(id, ended);
      return id;
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * About how long an audit would take, by the pace of the network, which is timed once.
   *
   * @returns a sentence; `undefined` where that cannot be told, since another audit is under way
   */
  async estimate({
    model,
    checks: names,
    images,
    ...request
  }: Parameters<'audits.estimate'>): Promise<string | undefined> {
    if ([...this.#jobs.values()].some((job) => job.isRunning)) return undefined;
    const release = this.#models.hold(model);
    try {
      const network = this.#models.get(model);
      const pace = this.#paces.get(model) ?? secondsPerImage(network, this.#host.now);
      this.#paces.set(model, pace);
      pace.catch(() => this.#paces.delete(model));
      const checks = names === undefined ? CHECKS : CHECKS.filter(({ name }) => names.includes(name));
      const real =
        images === undefined
          ? {}
          : typeof images === 'string'
            ? auditImages({ images, ...request }, network.shape)
            : { images: counted(images, network.shape) };
      return estimateText(estimateAudit(network, { ...real, ...request, checks }, await pace));
    } finally {
      release();
    }
  }

  async open(audit: string): Promise<AuditView> {
    const job = this.#jobs.get(audit);
    if (job !== undefined) return job.view();
    const { result } = await this.#kept(audit);
    const status = (await this.#shelf?.list())?.find(({ id }) => id === audit);
    if (status === undefined) throw gone();
    const { channels, height, width } = result.model;
    const shape: ImageShape = { channels: channels === 1 ? 1 : 3, height, width };
    return { status, shape, checks: [], findings: result.findings, result };
  }

  stop(audit: string): void {
    this.#jobs.get(audit)?.stop();
  }

  async pictures(audit: string, ids: readonly string[], size: number): Promise<Answers['audits.pictures']['pictures']> {
    const pictures: AuditPictures = this.#jobs.get(audit)?.pictures ?? (await this.#kept(audit)).pictures;
    return ids.flatMap((id) => {
      const found = pictures.get(id);
      return found === undefined ? [] : [{ id, ...thumbnail(found.planes, found.shape, size) }];
    });
  }

  async file(audit: string, name: string): Promise<Answers['audits.file']> {
    const audited = this.#jobs.get(audit)?.audited ?? (await this.#kept(audit));
    const { file, type, text } = AUDIT_FILES.find((each) => each.file === name)!;
    return { file, type, text: await text(audited) };
  }

  async dispose(): Promise<void> {
    for (const job of this.#jobs.values()) job.stop();
    await Promise.all(this.#ends.values());
  }

  get #shelf(): AuditShelf | undefined {
    return this.#host.audits;
  }

  /** Read once: it does not change. */
  async #kept(audit: string): Promise<Audited> {
    const known = this.#opened.get(audit);
    if (known !== undefined) return known;
    if (this.#shelf === undefined) throw gone();
    const opening = this.#shelf.open(audit);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size >= MOST && oldest !== undefined) this.#opened.delete(oldest);
    this.#opened.set(audit, opening);
    opening.catch(() => this.#opened.delete(audit));
    return opening;
  }

  #forget(): void {
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size < MOST || oldest === undefined) return;
    this.#jobs.delete(oldest);
    this.#ends.delete(oldest);
  }
}

function gone(): InputError {
  return new InputError('There is no such audit any more; start another');
}

/** Images of which only the number matters. */
function counted(
  { count, isLabelled }: { readonly count: number; readonly isLabelled: boolean },
  { channels, height, width }: ImageShape,
): RealImages {
  const data = new Uint8Array(0);
  const labels = isLabelled ? { labels: new Int32Array(count) } : {};
  return { origin: '', names: [], images: { channels, height, width, count, data }, ...labels };
}

/**
 * Finds out whether an audit can be waited for.
 *
 * @param costs passes through the network that each part takes
 * @throws InputError where it takes too long here, by the time that a few passes take
 */
export async function requireBearable(
  network: Pick<Classifier, 'shape' | 'where' | 'predict'>,
  costs: readonly { readonly title: string; readonly passes: number }[],
  { now }: Pick<StudioHost, 'now'>,
): Promise<void> {
  const passes = costs.reduce((sum, part) => sum + part.passes, 0);
  const whole = (await secondsPerImage(network, now)) * passes;
  if (whole <= MOST_SECONDS) return;
  const heaviest = costs.reduce((most, part) => (part.passes > most.passes ? part : most));
  throw new InputError(
    `${network.where} is too heavy for an audit in the page: ${formatCount(passes)} passes would take about ${formatDuration(whole)}; leave out parts (most of it is ${heaviest.title}), or audit it with \`pareidolia audit\``,
  );
}
