/** @file Audits several models, one after the other, and compares them. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type AuditComparison, type Audited, compareAudits, parseGates } from '@pareidolia/lab';
import { isAddress } from '../../endpoint/address.ts';
import type { EndpointOptions } from '../../endpoint/options.ts';
import { resumingCommand } from '../../job/command-line.ts';
import { type JobConfig, newConfig, readConfig } from '../../job/config.ts';
import { JobFolder, requireRoom, seededFolder } from '../../job/folder.ts';
import { type CardOptions, earlierCardOptions } from '../../model/card-options.ts';
import { auditModel } from '../audit.ts';
import type { AuditObserver } from '../audit-observer.ts';
import type { BaselineOf } from '../baseline-file.ts';
import { auditCommandLine } from '../command-line.ts';
import { type AuditSettings, auditSettings } from '../settings.ts';
import { type CheckedModels, checkModels } from './check-models.ts';
import { writeComparison } from './comparison-files.ts';
import { COMPARISON, type ComparisonSettings, modelFolder } from './comparison-job.ts';

export interface ComparisonRequest {
  /** Files or addresses; those of the comparison that is resumed where there are none. */
  readonly models: readonly string[];
  /** The settings that the user gave; others come from the comparison that is resumed, or are defaults. */
  readonly given: Partial<AuditSettings>;
  readonly cardOptions: CardOptions;
  readonly endpoint: EndpointOptions;
  readonly seed?: number;
  readonly out?: string;
  readonly resume: boolean;
  readonly baselineOf?: BaselineOf | undefined;
  readonly threads: number;
}

export interface ComparisonObserver extends AuditObserver {
  /** The next of the models. */
  model(place: number, of: number): void;
}

/** How it ended. */
export interface ComparisonEnding {
  readonly out: string;
  /** Of each model that was audited to the end. */
  readonly audited: readonly { readonly out: string; readonly audited: Audited }[];
  /** `undefined` where it was stopped. */
  readonly comparison: AuditComparison | undefined;
}

/**
 * Audits several models in folders of their own inside one, and writes their comparison beside these. All models are opened
 * first, so that one that cannot be audited is told before anything takes time.
 *
 * @param signal once aborted, the audit under way is saved; what is finished stays
 * @throws InputError where something the user gave cannot be used; DiskError
 */
export async function compareModels(
  request: ComparisonRequest,
  signal: AbortSignal,
  observer: ComparisonObserver,
): Promise<ComparisonEnding> {
  const mode = request.resume ? 'resume' : 'begin';
  if (request.resume && request.out === undefined) {
    throw new InputError('--resume needs --out, the folder of the comparison to go on with');
  }
  if (request.out !== undefined) requireRoom(request.out, COMPARISON, mode);
  const before = request.resume ? readConfig(request.out!, COMPARISON) : undefined;
  const { model: _, ...given } = request.given;
  const { models: earlier, ...known } = before?.settings ?? { models: undefined };
  const asked = auditSettings(given, before === undefined ? undefined : (known as AuditSettings), request.threads);
  if (asked.failOn !== undefined) parseGates(asked.failOn);
  const models = request.models.length > 0 ? request.models : (earlier ?? []);
  const seed = request.seed ?? before?.seed ?? 1;
  const runtime = nodeRuntime();
  const cardOptions = { ...earlierCardOptions(before, 'model 1'), ...request.cardOptions };
  const endpointOf = endpointsOf(models, request.endpoint);
  const { device, threads } = asked;
  const checked = await checkModels(models, asked, seed, { runtime, device, threads, cardOptions }, endpointOf);
  for (const notice of checked.notices) observer.notice(notice);
  const out = request.out ?? seededFolder(join('runs', `audit-comparison-${asked.budget}`), seed);
  // By what is written down of a model, which of an address is no secret.
  const folders = checked.paths.map((path, place) => join(out, modelFolder(path, place)));
  const config = configOf(checked, asked, seed, runtime.name);
  const folder = JobFolder.open(out, COMPARISON, config, mode);
  return folder.use(resumingCommand('audit', out), async () => {
    const done: { out: string; audited: Audited }[] = [];
    try {
      for (const [place, model] of models.entries()) {
        observer.model(place, models.length);
        const own = folders[place]!;
        const endpoint = endpointOf(model);
        const ending = await stoppable(
          signal,
          auditModel(
            {
              given: { ...asked, model },
              cardOptions,
              seed,
              out: own,
              // One that was not begun before the stop is begun now.
              resume: request.resume && existsSync(own),
              ...(endpoint === undefined ? {} : { endpoint }),
              baseline: request.baselineOf?.(checked.labels[place]!),
              threads,
            },
            signal,
            observer,
          ),
        );
        if (ending?.audited === undefined) {
          folder.keep();
          return { out, audited: done, comparison: undefined };
        }
        done.push({ out: ending.out, audited: ending.audited });
      }
    } finally {
      if (folders.some((own) => existsSync(own))) folder.keep();
    }
    const comparison = compareAudits(
      done.map(({ audited }, place) => ({ ...audited, folder: basename(folders[place]!) })),
      { command: folder.config.command },
    );
    await writeComparison(
      out,
      comparison,
      done.map(({ audited }) => audited),
    );
    return { out, audited: done, comparison };
  });
}

/** `undefined` where the work ended because the signal was aborted. */
async function stoppable<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return undefined;
  }
}

function configOf(
  { paths, inputs, cardOptions }: CheckedModels,
  asked: Omit<AuditSettings, 'model'>,
  seed: number,
  runtime: string,
): JobConfig<ComparisonSettings> {
  return newConfig(COMPARISON, {
    runtime,
    inputs,
    settings: { ...asked, models: paths },
    seed,
    command: auditCommandLine(asked, seed, cardOptions, paths),
  });
}

/** Options of endpoints are for those models that are endpoints; where none is, each model refuses them. */
function endpointsOf(
  models: readonly string[],
  options: EndpointOptions,
): (model: string) => EndpointOptions | undefined {
  const some = models.some((model) => isAddress(model));
  return (model) => (!some || isAddress(model) ? options : undefined);
}
