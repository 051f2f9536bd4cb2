/** @file Runs an audit in its folder: units that are done are read, others are run and kept. */

import { discriminatorDetector, type Recordable, wrapped } from '@pareidolia/core';
import {
  type Audited,
  type AuditOptions,
  type AuditResult,
  audit,
  type Bookmark,
  estimateAudit,
  estimateText,
  type Gate,
  modelFacts,
  secondsPerImage,
} from '@pareidolia/lab';
import { isAddress } from '../endpoint/address.ts';
import type { OpenedDiscriminator } from '../generator/discriminator-file.ts';
import type { JobFolder } from '../job/folder.ts';
import { runUnit } from '../job/job.ts';
import type { OpenedModel } from '../model/open-classifier.ts';
import { VERSION } from '../version.ts';
import type { AuditObserver } from './audit-observer.ts';
import type { Baseline } from './baseline-file.ts';
import { modelWords } from './command-line.ts';
import { Pace } from './pace.ts';
import type { LoadedImages } from './real-images.ts';
import type { AuditSettings } from './settings.ts';

/** What an audit needs beside the model. */
export interface PreparedAudit {
  readonly settings: AuditSettings;
  readonly seed: number;
  readonly gates: readonly Gate[];
  readonly real: LoadedImages | undefined;
  readonly outliers: LoadedImages | undefined;
  readonly discriminator: OpenedDiscriminator | undefined;
  readonly command: string;
  readonly runtime: string;
  readonly baseline: Baseline | undefined;
}

/** @returns `undefined` where the signal was aborted */
export async function runAudit(
  { model, classifier }: OpenedModel,
  folder: JobFolder<AuditSettings>,
  notices: readonly string[],
  { settings, seed, gates, real, outliers, discriminator, command, runtime, baseline }: PreparedAudit,
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
    ...(discriminator === undefined ? {} : { discriminator: discriminatorDetector(discriminator) }),
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
    // Of an audit that goes on part of the work is done.
    if (!folder.resumed) {
      observer.estimate(
        kindOf(model) === 'endpoint'
          ? 'Time: unknown, since timing a service would cost queries; the progress tells it by the pace so far.'
          : estimateText(estimateAudit(audited, options, await secondsPerImage(classifier, () => performance.now()))),
      );
    }
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
