/** @file What `pareidolia audit` does with one model, from the request to the files. */

import { join } from 'node:path';
import { InputError, type Recordable, wrapped } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import {
  type Audited,
  type AuditOptions,
  type AuditResult,
  audit,
  type Bookmark,
  type CheckOutcome,
  type Gate,
  modelFacts,
  parseGates,
} from '@pareidolia/lab';
import { dataInput } from '../data/data-input.ts';
import { isAddress } from '../endpoint/address.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { resumingCommand } from '../job/command-line.ts';
import { type JobConfig, newConfig, readConfig } from '../job/config.ts';
import { freeFolder, JobFolder, requireRoom } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { runUnit } from '../job/job.ts';
import { type CardOptions, earlierCardOptions } from '../model/card-options.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { type OpenedModel, openModel } from '../model/open-classifier.ts';
import { preprocessingNotices } from '../model/preprocessing-advice.ts';
import { VERSION } from '../version.ts';
import type { Baseline } from './baseline-file.ts';
import { auditCommandLine, modelWords } from './command-line.ts';
import { type LoadedImages, loadImages, loadOutliers } from './real-images.ts';
import { AUDIT, type AuditSettings, auditSettings } from './settings.ts';
import { writeAudit } from './write-audit.ts';

export interface AuditRequest {
  /** The settings that the user gave; others come from the resumed job, or are defaults. */
  readonly given: Partial<AuditSettings>;
  /** Fields of the card that the user gave as options. */
  readonly cardOptions?: CardOptions;
  readonly seed?: number;
  readonly out?: string;
  readonly resume: boolean;
  /** How an endpoint is asked. */
  readonly endpoint?: EndpointOptions;
  readonly baseline?: Baseline | undefined;
  /** Threads if the user gives no number. */
  readonly threads: number;
}

/** Called as the audit proceeds. */
export interface AuditObserver {
  reading(done: number, total: number): void;
  /** The usual preprocessings are tried, since nothing decides which. */
  trying(done: number, total: number): void;
  begin(beginning: {
    readonly model: string;
    readonly images: string;
    readonly out: string;
    readonly resumed: boolean;
  }): void;
  /** Something that the user should know, a sentence. */
  notice(notice: string): void;
  progress(progress: () => AuditProgress): void;
  checked(title: string, outcome: CheckOutcome): void;
}

export interface AuditProgress {
  /** Of the whole audit, 0 to 1. */
  readonly share: number;
  readonly doing: string;
  /** At the pace of what was done in this sitting; `undefined` before there is one. */
  readonly secondsLeft: number | undefined;
}

/** How it ended: with a result, or saved on the way. */
export interface AuditEnding {
  readonly out: string;
  /** `undefined` where it was stopped. */
  readonly result: AuditResult | undefined;
}

/**
 * Audits one model in a job folder.
 *
 * @param signal once aborted, the unit under way is left, and what is finished stays written
 * @throws InputError where something the user gave cannot be used, or the job to resume was another one; DiskError
 */
export async function auditModel(
  request: AuditRequest,
  signal: AbortSignal,
  observer: AuditObserver,
): Promise<AuditEnding> {
  const mode = request.resume ? 'resume' : 'begin';
  if (request.resume && request.out === undefined) {
    throw new InputError('--resume needs --out, the folder of the audit to go on with');
  }
  if (request.out !== undefined) requireRoom(request.out, AUDIT, mode);
  const before = request.resume ? readConfig(request.out!, AUDIT) : undefined;
  const asked = auditSettings(request.given, before?.settings, request.threads);
  const seed = request.seed ?? before?.seed ?? 1;
  const gates = asked.failOn === undefined ? [] : parseGates(asked.failOn);
  const runtime = nodeRuntime();
  const { device, threads } = asked;
  const opened = await openModel(asked.model, asked.card, {
    runtime,
    device,
    threads,
    cardOptions: { ...earlierCardOptions(before), ...request.cardOptions },
    ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
    ...(before === undefined ? {} : { folder: request.out! }),
  });
  const { model, classifier, account } = opened;
  // Of an address only what is no secret is written down.
  const settings = model.path === undefined ? asked : { ...asked, model: model.path };
  try {
    const reading = { signal, onRead: observer.reading };
    const { card } = classifier;
    const real = await realImages(opened, settings, seed, reading);
    const outliers =
      settings.outliers === undefined
        ? undefined
        : await loadOutliers(classifier, card, settings.outliers, seed, settings.budget, reading);
    const labels = real?.images.labels;
    const advice =
      real === undefined || labels === undefined
        ? []
        : await preprocessingNotices(opened, { images: real.images.images, labels }, seed, observer.trying);
    const command = auditCommandLine(settings, seed, model.cardOptions);
    const config = newConfig(AUDIT, {
      runtime: runtime.name,
      ...(await gradientForm(runtime, device)),
      inputs: {
        ...modelInputs(model),
        ...(real === undefined ? {} : { images: imagesInput(real) }),
        ...(outliers === undefined ? {} : { outliers: imagesInput(outliers) }),
      },
      settings,
      seed,
      command,
    });
    const out = request.out ?? freeFolder(join('runs', `audit-${model.name.replace(/\.onnx$/i, '')}`));
    const folder = JobFolder.open(out, AUDIT, config, mode);
    return await folder.use(resumingCommand('audit', out), async () => {
      account?.keepIn(folder.path, () => folder.keep());
      observer.begin({ model: model.name, images: wordsOf(real), out, resumed: folder.resumed });
      const notices = [...classifier.notices, ...advice];
      for (const notice of [...notices, ...(real?.leftOut ?? [])]) observer.notice(`${notice}.`);
      const options = {
        settings,
        seed,
        gates,
        real,
        outliers,
        command,
        runtime: runtime.name,
        baseline: request.baseline,
      };
      const audited = await runAudit(opened, folder, notices, options, signal, observer);
      if (audited === undefined) {
        folder.keep();
        return { out, result: undefined };
      }
      await writeAudit(out, audited);
      folder.keep();
      if (account !== undefined) observer.notice(`${account.sentence()}; ${account.sitting()}.`);
      return { out, result: audited.result };
    });
  } finally {
    account?.close();
    await classifier.dispose();
  }
}

interface Prepared {
  readonly settings: AuditSettings;
  readonly seed: number;
  readonly gates: readonly Gate[];
  readonly real: LoadedImages | undefined;
  readonly outliers: LoadedImages | undefined;
  readonly command: string;
  readonly runtime: string;
  readonly baseline: Baseline | undefined;
}

/** @returns `undefined` where the signal was aborted */
async function runAudit(
  { model, classifier }: OpenedModel,
  folder: JobFolder<AuditSettings>,
  notices: readonly string[],
  { settings, seed, gates, real, outliers, command, runtime, baseline }: Prepared,
  signal: AbortSignal,
  observer: AuditObserver,
): Promise<Audited | undefined> {
  const journal = folder.journal();
  const pace = new Pace();
  const { origin, reading } = classifier;
  let done = 0;
  const unit = async <T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> => {
    const known = journal.result(key);
    if (known !== undefined) {
      folder.discardCheckpoint(key);
      pace.recalled();
      // A key belongs to one place in the code, which gives it its type.
      return known as T;
    }
    await runUnit(folder, journal, { key }, { signal, now: () => performance.now() }, work);
    // Read back, so that a result has the same numbers whether the unit ran now or earlier.
    return journal.result(key) as T;
  };
  const options: AuditOptions = {
    threshold: settings.threshold,
    budget: settings.budget,
    seed,
    gates,
    ...(real === undefined ? {} : { images: real.images, leftOut: real.leftOut, imagesInAll: real.inAll }),
    ...(outliers === undefined ? {} : { outliers: outliers.images }),
    ...(baseline === undefined ? {} : { baseline }),
    model: {
      name: model.name,
      kind: kindOf(model),
      sha256: model.sha256,
      words: modelWords(model),
      facts: modelFacts(classifier, model.origin),
    },
    command,
    version: VERSION,
    runtime,
    unit,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    signal,
    onProgress: (share, doing) => {
      done = share;
      observer.progress(() => ({ share, doing, secondsLeft: pace.secondsLeft(done) }));
    },
    onCheck: (check, outcome) => observer.checked(check.title, outcome),
  };
  const audited = { ...wrapped(classifier, {}), origin, reading, notices };
  try {
    return await audit(audited, options);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return undefined;
  }
}

function kindOf({ path }: OpenedModel['model']): AuditResult['model']['kind'] {
  if (path === undefined) return 'embedded';
  return isAddress(path) ? 'endpoint' : 'file';
}

/** The embedded network has digits at hand; any other has the images that the user names, or none. */
async function realImages(
  { classifier }: OpenedModel,
  { model, images, data, labels, limit, strict, budget }: AuditSettings,
  seed: number,
  reading: { readonly signal: AbortSignal; readonly onRead: (done: number, total: number) => void },
): Promise<LoadedImages | undefined> {
  const own = data ?? (model === undefined && images === undefined ? 'digits' : undefined);
  if (images === undefined && own === undefined) {
    if (labels !== undefined) throw new InputError('--labels belongs to --images; give the pictures, too');
    return undefined;
  }
  return loadImages(classifier, classifier.card, { images, data: own, labels, limit, strict, seed }, budget, reading);
}

function wordsOf(real: LoadedImages | undefined): string {
  if (real === undefined) return 'no images given';
  const { images, inAll } = real;
  const { count } = images.images;
  return count === inAll ? `${count} images of ${images.origin}` : `${count} of ${inAll} images of ${images.origin}`;
}

function imagesInput({ images: { origin, images, labels } }: LoadedImages): JobConfig<AuditSettings>['inputs'][string] {
  return dataInput(origin, [{ images, labels: labels ?? new Int32Array(0), classNames: [] }]);
}

/** The pace since work was last done rather than read. */
class Pace {
  #begin = performance.now();
  #from: number | undefined;

  recalled(): void {
    this.#begin = performance.now();
    this.#from = undefined;
  }

  /** @param share of the audit that is done */
  secondsLeft(share: number): number | undefined {
    this.#from ??= share;
    const done = share - this.#from;
    return done > 0.02 ? (((performance.now() - this.#begin) / 1000) * (1 - share)) / done : undefined;
  }
}
