/** @file What `pareidolia audit` does with one model, from the request to the files. */

import { join } from 'node:path';
import { InputError, ServiceError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type Audited, parseGates } from '@pareidolia/lab';
import { dataInput } from '../data/data-input.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { discriminatorInputs, type OpenedDiscriminator, openDiscriminator } from '../generator/discriminator-file.ts';
import { resumingCommand } from '../job/command-line.ts';
import { type JobConfig, newConfig, readConfig } from '../job/config.ts';
import { JobFolder, requireRoom, seededFolder } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { type CardOptions, earlierCardOptions } from '../model/card-options.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { type OpenedClassifier, type OpenOptions, openModel } from '../model/open-classifier.ts';
import { preprocessingNotices } from '../model/preprocessing-advice.ts';
import type { AuditObserver } from './audit-observer.ts';
import type { Baseline } from './baseline-file.ts';
import { auditCommandLine } from './command-line.ts';
import { imageRequest, type LoadedImages, loadImages, loadOutliers } from './real-images.ts';
import { runAudit } from './run-audit.ts';
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

/** How it ended: with a result, or saved on the way. */
export interface AuditEnding {
  readonly out: string;
  /** `undefined` where it was stopped. */
  readonly audited: Audited | undefined;
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
  let judge: OpenedDiscriminator | undefined;
  try {
    const reading = { signal, onRead: observer.reading };
    const { card } = classifier;
    const wanted = imageRequest(settings, seed);
    const real =
      wanted === undefined ? undefined : await loadImages(classifier, card, wanted, settings.budget, reading);
    const outliers =
      settings.outliers === undefined
        ? undefined
        : await loadOutliers(classifier, card, settings.outliers, seed, settings.budget, reading);
    judge = await discriminatorOf(settings, classifier, real, { runtime, device, threads });
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
        ...(judge === undefined ? {} : discriminatorInputs(judge)),
      },
      settings,
      seed,
      command,
    });
    const out =
      request.out ?? seededFolder(join('runs', `audit-${model.name.replace(/\.onnx$/i, '')}-${settings.budget}`), seed);
    const folder = JobFolder.open(out, AUDIT, config, mode);
    return await folder.use(resumingCommand('audit', out), async () => {
      account?.keepIn(folder.path, () => folder.keep());
      observer.begin({ model: model.name, images: wordsOf(real), out, resumed: folder.resumed });
      const notices = [...classifier.notices, ...advice, ...(judge?.notices ?? [])];
      for (const notice of [...notices, ...(real?.leftOut ?? [])]) observer.notice(`${notice}.`);
      const options = {
        settings,
        seed,
        gates,
        real,
        outliers,
        discriminator: judge,
        command,
        runtime: runtime.name,
        baseline: request.baseline,
      };
      const audited = await runAudit(opened, folder, notices, options, signal, observer);
      if (audited === undefined) {
        folder.keep();
        return { out, audited: undefined };
      }
      await writeAudit(out, audited);
      folder.keep();
      if (audited.gone !== undefined) {
        throw new ServiceError(
          `${audited.gone.message}. What was measured until then is in ${join(out, 'report.html')}; once it answers, go on with: ${resumingCommand('audit', out)}`,
        );
      }
      if (account !== undefined) observer.notice(`${account.sentence()}; ${account.sitting()}.`);
      return { out, audited };
    });
  } finally {
    account?.close();
    await judge?.classifier.dispose();
    await classifier.dispose();
  }
}

async function discriminatorOf(
  { discriminator, discriminatorRange }: AuditSettings,
  classifier: Pick<OpenedClassifier, 'shape' | 'where'>,
  real: LoadedImages | undefined,
  options: OpenOptions,
): Promise<OpenedDiscriminator | undefined> {
  if (discriminator === undefined) return undefined;
  return openDiscriminator({ discriminator, discriminatorRange }, classifier, real?.images.images, options);
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
