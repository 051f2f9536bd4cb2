/** @file What `pareidolia audit` does with all that it was given: configuration file, one model or several, outputs. */

import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '@pareidolia/core';
import {
  type AuditComparison,
  type AuditResult,
  auditJunit,
  auditSarif,
  auditsJunit,
  parseGates,
} from '@pareidolia/lab';
import type { AuditConfig } from '../config/audit-section.ts';
import type { FoundConfig } from '../config/config-file.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { requireOpenFolder, writeAtomically } from '../job/files.ts';
import type { CardOptions } from '../model/card-options.ts';
import { auditModel } from './audit.ts';
import { readBaseline, readBaselines } from './baseline-file.ts';
import { type ComparisonObserver, compareModels } from './comparison/compare-models.ts';
import { isComparison } from './comparison/comparison-job.ts';
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
  /** The configuration file. */
  readonly config?: FoundConfig;
  readonly resume: boolean;
  readonly threads: number;
}

/** What came of it. */
export interface AuditsOutcome {
  /** Of each model that was audited to the end, in the order given. */
  readonly results: readonly { readonly out: string; readonly result: AuditResult }[];
  /** Where there are several models, and all were audited. */
  readonly comparison: AuditComparison | undefined;
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
  observer: ComparisonObserver,
): Promise<AuditsOutcome> {
  const config = request.config?.audit ?? {};
  const models = request.models.length > 0 ? request.models : [config.model ?? []].flat();
  const given = { ...settingsIn(config, request.given), ...request.given };
  // Everything that can be wrong is found before anything takes time.
  if (given.failOn !== undefined) parseGates(given.failOn);
  const seed = request.seed ?? config.seed;
  const out = request.out ?? config.out;
  const isSeveral =
    models.length > 1 || (models.length === 0 && request.resume && out !== undefined && isComparison(out));
  const from = request.baseline ?? config.baseline;
  const baseline = from === undefined || isSeveral ? undefined : readBaseline(from);
  const baselineOf = from === undefined || !isSeveral ? undefined : readBaselines(from);
  const sarif = request.sarif ?? config.sarif;
  const junit = request.junit ?? config.junit;
  for (const [option, file] of Object.entries({ sarif, junit })) if (file !== undefined) requirePlace(option, file);
  const { maxQueries } = config;
  const common = {
    cardOptions: request.cardOptions,
    endpoint: maxQueries === undefined ? request.endpoint : { queryBudget: maxQueries, ...request.endpoint },
    ...(seed === undefined ? {} : { seed }),
    ...(out === undefined ? {} : { out }),
    resume: request.resume,
    threads: request.threads,
  };
  if (isSeveral) {
    const ending = await compareModels({ ...common, models, given, baselineOf }, signal, observer);
    const results = ending.audited.map((each) => ({ out: each.out, result: each.audited.result }));
    const { comparison } = ending;
    return finish({ results, comparison, out: ending.out, complete: comparison !== undefined }, sarif, junit);
  }
  const [model] = models;
  const ending = await auditModel(
    { ...common, given: model === undefined ? given : { ...given, model }, baseline },
    signal,
    observer,
  );
  const results = ending.audited === undefined ? [] : [{ out: ending.out, result: ending.audited.result }];
  const complete = ending.audited !== undefined;
  return finish({ results, comparison: undefined, out: ending.out, complete }, sarif, junit);
}

/** Writes the files that were asked for elsewhere, once all audits are complete. */
function finish(
  outcome: Omit<AuditsOutcome, 'failures'>,
  sarif: string | undefined,
  junit: string | undefined,
): AuditsOutcome {
  const { results: audits, comparison, complete } = outcome;
  if (!complete) return { ...outcome, failures: [] };
  const results = audits.map(({ result }) => result);
  const labels = comparison?.models.map(({ label }) => label);
  if (sarif !== undefined) writeAtomically(sarif, auditSarif(results));
  if (junit !== undefined) {
    writeAtomically(
      junit,
      labels === undefined
        ? auditJunit(results[0]!)
        : auditsJunit(results.map((result, place) => ({ result, label: labels[place]! }))),
    );
  }
  return { ...outcome, failures: results.flatMap((result, place) => failuresOf(result, labels?.[place])) };
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

/** @throws InputError where a file cannot be written there */
function requirePlace(option: string, file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new InputError(`--${option} ${file} is a folder; give the name of a file`);
  }
  const folder = dirname(file);
  if (!existsSync(folder)) throw new InputError(`--${option} ${file}: there is no folder ${folder}; make it first`);
  requireOpenFolder(folder);
}
