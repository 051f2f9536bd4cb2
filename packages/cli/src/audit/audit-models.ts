/** @file What `pareidolia audit` does with all that it was given: configuration file, one model or several, outputs. */

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { type AuditResult, auditJunit, auditSarif, parseGates } from '@pareidolia/lab';
import type { EndpointOptions } from '../endpoint/options.ts';
import { requireOpenFolder, writeAtomically } from '../job/files.ts';
import { freeFolder } from '../job/folder.ts';
import type { CardOptions } from '../model/card-options.ts';
import { type AuditObserver, auditModel } from './audit.ts';
import { readBaseline } from './baseline-file.ts';
import { type AuditConfig, readConfigFile } from './config-file.ts';
import { failuresOf } from './failures.ts';
import type { AuditSettings } from './settings.ts';

export interface AuditCommandRequest {
  /** Files or addresses; that of the configuration, or the embedded network, where there is none. */
  readonly models: readonly string[];
  /** The settings that the user gave on the command line. */
  readonly given: Partial<AuditSettings>;
  readonly cardOptions: CardOptions;
  readonly endpoint: EndpointOptions;
  readonly seed?: number;
  readonly out?: string;
  readonly baseline?: string;
  readonly sarif?: string;
  readonly junit?: string;
  readonly config?: string;
  readonly resume: boolean;
  readonly threads: number;
}

/** Called as the audits proceed. */
export interface AuditModelsObserver extends AuditObserver {
  configured(file: string): void;
  /** The next of several models. */
  model(place: number, of: number): void;
}

/** What came of it. */
export interface AuditsOutcome {
  /** Of each model that was audited to the end, in the order given. */
  readonly results: readonly { readonly out: string; readonly result: AuditResult }[];
  /** The folder of the comparison; of the one audit, where there is one. */
  readonly out: string;
  readonly complete: boolean;
  /** Why the command ends in exit code 3: each a sentence without a full stop; none where it does not. */
  readonly failures: readonly string[];
}

/**
 * @param signal once aborted, the audit under way is saved
 * @throws InputError where something the user gave cannot be used; DiskError
 */
export async function auditModels(
  request: AuditCommandRequest,
  signal: AbortSignal,
  observer: AuditModelsObserver,
): Promise<AuditsOutcome> {
  // A job that is resumed has its options in its folder.
  const found = request.resume && request.config === undefined ? undefined : readConfigFile(request.config);
  if (found !== undefined) observer.configured(found.file);
  const config = found?.audit ?? {};
  const models = request.models.length > 0 ? request.models : [config.model ?? []].flat();
  const given = { ...settingsIn(config, request.given), ...request.given };
  // Everything that can be wrong is found before anything takes time.
  if (given.failOn !== undefined) parseGates(given.failOn);
  const from = request.baseline ?? config.baseline;
  const baseline = from === undefined ? undefined : readBaseline(from);
  const sarif = request.sarif ?? config.sarif;
  const junit = request.junit ?? config.junit;
  for (const [option, file] of Object.entries({ sarif, junit })) if (file !== undefined) requirePlace(option, file);
  const seed = request.seed ?? config.seed;
  const out = request.out ?? config.out;
  const { maxQueries } = config;
  const common = {
    cardOptions: request.cardOptions,
    endpoint: maxQueries === undefined ? request.endpoint : { queryBudget: maxQueries, ...request.endpoint },
    ...(seed === undefined ? {} : { seed }),
    resume: request.resume,
    threads: request.threads,
    baseline,
  };
  for (const [option, file] of Object.entries({ baseline: from, junit })) {
    if (models.length <= 1 || file === undefined) continue;
    throw new InputError(`--${option} is about one model, and there are several; audit them one by one`);
  }
  const audited: { out: string; result: AuditResult }[] = [];
  const folder = models.length > 1 ? (out ?? freeFolder(join('runs', 'audit-comparison'))) : out;
  for (const [place, model] of (models.length === 0 ? [undefined] : models).entries()) {
    if (models.length > 1) observer.model(place, models.length);
    const own = models.length > 1 ? join(folder!, nameOf(models, place)) : folder;
    const ending = await auditModel(
      {
        ...common,
        given: model === undefined ? given : { ...given, model },
        ...(own === undefined ? {} : { out: own }),
        // One of several that was not begun before the stop is begun now.
        resume: request.resume && (models.length <= 1 || existsSync(own!)),
      },
      signal,
      observer,
    );
    if (ending.result === undefined) {
      return { results: audited, out: folder ?? ending.out, complete: false, failures: [] };
    }
    audited.push({ out: ending.out, result: ending.result });
  }
  const results = audited.map(({ result }) => result);
  if (sarif !== undefined) writeAtomically(sarif, auditSarif(results));
  if (junit !== undefined) writeAtomically(junit, auditJunit(results[0]!));
  return {
    results: audited,
    out: folder ?? audited[0]!.out,
    complete: true,
    failures: results.flatMap((result) => failuresOf(result, results.length > 1)),
  };
}

/** The options of a configuration file that are settings of an audit. */
function settingsIn(
  {
    model: _,
    failOn,
    baseline: __,
    sarif: ___,
    junit: ____,
    out: _____,
    seed: ______,
    maxQueries: _______,
    ...config
  }: AuditConfig,
  given: Partial<AuditSettings>,
): Partial<AuditSettings> {
  const { images, data, labels, ...rest } = config;
  const ownImages = given.images !== undefined || given.data !== undefined;
  const source = ownImages ? {} : { images, data, labels };
  const all = { ...rest, ...source, ...(failOn === undefined ? {} : { failOn: [failOn].flat().join(',') }) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A folder for each of several models: its place and its name. */
function nameOf(models: readonly string[], place: number): string {
  const name = basename(models[place]!)
    .replace(/\.onnx$/i, '')
    .replaceAll(/[^\w.-]+/g, '-');
  return `${place + 1}-${name}`.slice(0, 100);
}

/** @throws InputError where a file cannot be written there */
function requirePlace(option: string, file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new InputError(`--${option} ${file} is a folder; give the name of a file`);
  }
  const folder = dirname(file);
  if (!existsSync(folder)) throw new InputError(`--${option} ${file}: there is no folder ${folder}; make it first`);
  requireOpenFolder(folder);
}
