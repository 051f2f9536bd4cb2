/**
 * @file What `pareidolia campaign merge` does: the folders of one plan, shards or the same campaign on several machines, become one.
 * It is a union of finished units, so the order of the folders does not matter, nor whether some were merged before.
 */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { CampaignResult } from '@pareidolia/lab';
import { quote } from '../../job/command-line.ts';
import { type JobConfig, newConfig, readConfig } from '../../job/config.ts';
import { writeAtomically } from '../../job/files.ts';
import { JobFolder } from '../../job/folder.ts';
import { Journal } from '../../job/journal.ts';
import { type HashedPlan, parseResolvedPlan } from '../plan/resolved-plan.ts';
import { taskInputs } from '../plan/task-inputs.ts';
import { FolderStore } from '../store/folder-store.ts';
import { seedOf, unitOf } from '../units/unit.ts';
import { readFailures } from './control.ts';
import { finishCampaign } from './finish.ts';
import { Ledger, type LedgerEntry } from './ledger.ts';
import { CAMPAIGN, type CampaignSettings } from './settings.ts';

export interface MergeRequest {
  readonly folders: readonly string[];
  /** Where the whole goes; the folder itself where there is one. */
  readonly out?: string;
  readonly allowMixed: boolean;
  readonly threads: number;
}

export interface MergeObserver {
  step(what: string): void;
  notice(notice: string): void;
}

export interface MergeOutcome {
  readonly out: string;
  readonly result: CampaignResult;
}

/** A folder to be merged, as it was read. */
interface Part {
  readonly folder: string;
  readonly config: JobConfig<CampaignSettings>;
  readonly store: FolderStore;
  readonly entries: ReadonlyMap<string, { readonly entry: LedgerEntry; readonly seconds: number }>;
}

/**
 * @throws InputError where the folders are of several plans or versions, or have two results of one unit; DiskError
 */
export async function mergeCampaigns(
  { folders, out: given, allowMixed, threads }: MergeRequest,
  signal: AbortSignal,
  { step, notice }: MergeObserver,
): Promise<MergeOutcome> {
  const parts = folders.flatMap((folder) => {
    const part = readPart(folder);
    if (part === undefined) notice(`${folder} is no folder of a campaign, so it is left out`);
    return part === undefined ? [] : [part];
  });
  const [first] = parts;
  if (first === undefined)
    throw new InputError('None of these is the folder of a campaign; name the --out of campaign start');
  for (const { folder, config } of parts) requireSame(first, folder, config);
  requireOneHardware(parts, allowMixed);
  const out = given ?? (parts.length === 1 ? first.folder : `${resolve(first.folder)}-merged`);
  const isOwn = parts.some(({ folder }) => resolve(folder) === resolve(out));
  const { shard: _, ...settings } = first.config.settings;
  const config = newConfig(CAMPAIGN, {
    runtime: first.config.runtime,
    inputs: first.config.inputs,
    settings: isOwn ? first.config.settings : { ...settings, allowMixed },
    seed: null,
    command: `npx pareidolia campaign merge ${folders.map(quote).join(' ')}`,
  });
  const folder = JobFolder.open(
    out,
    CAMPAIGN,
    config,
    existsSync(join(out, 'config.json')) ? 'resume' : 'begin',
    (before) => ({
      settings: before.settings,
      command: before.command,
    }),
  );
  return folder.use(`npx pareidolia campaign merge ${folders.map(quote).join(' ')} --out ${quote(out)}`, async () => {
    const objects = new FolderStore(out);
    const plan = await planOf(parts, first.config.settings.plan, objects);
    writeAtomically(join(out, 'plan.json'), plan.bytes);
    folder.keep();
    const ledger = new Ledger(folder.journal());
    for (const part of parts) {
      if (resolve(part.folder) === resolve(out)) continue;
      step(`reading ${part.folder}`);
      await takeIn(part, plan, ledger, objects, allowMixed);
    }
    const failures = new Map<string, string>();
    for (const part of parts)
      for (const [key, why] of readFailures(part.folder)) if (ledger.get(key) === undefined) failures.set(key, why);
    const result = await finishCampaign({
      out,
      plan,
      ledger,
      objects,
      failures,
      threads,
      command: folder.config.command,
      signal,
      onTask: (name) => step(`writing ${name}`),
    });
    return { out, result };
  });
}

function readPart(folder: string): Part | undefined {
  if (!existsSync(join(folder, 'config.json'))) return undefined;
  const config = readConfig(folder, CAMPAIGN)!;
  const path = join(folder, 'journal.jsonl');
  const entries = new Map<string, { entry: LedgerEntry; seconds: number }>();
  if (existsSync(path)) {
    const journal = new Journal(path);
    try {
      for (const [key, entry] of new Ledger(journal).entries())
        entries.set(key, { entry, seconds: journal.seconds(key) ?? 0 });
    } finally {
      journal.close();
    }
  }
  return { folder, config, store: new FolderStore(folder), entries };
}

function requireSame(first: Part, folder: string, config: JobConfig<CampaignSettings>): void {
  if (config.settings.plan !== first.config.settings.plan) {
    throw new InputError(
      `${folder} is of another plan (${config.settings.plan.slice(0, 12)}...) than ${first.folder} (${first.config.settings.plan.slice(0, 12)}...); merge folders of one plan`,
    );
  }
  if (config.pareidolia !== first.config.pareidolia || config.runtime !== first.config.runtime) {
    throw new InputError(
      `${folder} was computed by Pareidolia ${config.pareidolia} with ${config.runtime}, ${first.folder} by ${first.config.pareidolia} with ${first.config.runtime}; results may differ, so they are not merged`,
    );
  }
  if (config.runtime !== nodeRuntime().name) {
    throw new InputError(
      `${folder} was computed with ${config.runtime}, here is ${nodeRuntime().name}; merge with the former`,
    );
  }
}

function requireOneHardware(parts: readonly Part[], allowMixed: boolean): void {
  if (allowMixed || parts.every(({ config }) => config.settings.allowMixed)) return;
  const kinds = new Map<string, string>();
  for (const { folder, entries } of parts) {
    for (const { entry } of entries.values()) if (!kinds.has(entry.hardware)) kinds.set(entry.hardware, folder);
  }
  const [one, other] = kinds;
  if (one === undefined || other === undefined) return;
  throw new InputError(
    `${one[1]} was computed on ${one[0]}, ${other[1]} on ${other[0]}; last bits may differ: give --allow-mixed to merge them and mark the result as mixed hardware`,
  );
}

async function planOf(parts: readonly Part[], hash: string, objects: FolderStore): Promise<HashedPlan> {
  for (const { store } of parts) {
    const bytes = await store.get(hash);
    if (bytes === undefined) continue;
    const plan = parseResolvedPlan(bytes);
    await objects.put(hash, bytes);
    for (const input of inputsOf(plan)) await copy(input, parts, objects);
    return plan;
  }
  throw new InputError(
    `None of the folders has the plan ${hash.slice(0, 12)}... any more; start the campaign again with its plan.yaml`,
  );
}

function inputsOf({ plan }: HashedPlan): ReadonlySet<string> {
  return new Set(plan.tasks.flatMap((task) => taskInputs(plan, task).map(({ sha256 }) => sha256)));
}

async function copy(hash: string, parts: readonly Part[], objects: FolderStore): Promise<void> {
  for (const { store } of parts) {
    const bytes = await store.get(hash);
    if (bytes !== undefined) return objects.put(hash, bytes);
  }
  throw new InputError(
    `None of the folders has the object ${hash.slice(0, 12)}... any more; start the campaign again with its plan.yaml`,
  );
}

/** Adds the finished units of a folder. Of two results of a unit, from different processors, that with the smaller hash stays. */
async function takeIn(
  part: Part,
  { plan }: HashedPlan,
  ledger: Ledger,
  objects: FolderStore,
  allowMixed: boolean,
): Promise<void> {
  for (const [key, { entry, seconds }] of part.entries) {
    const unit = unitOf(plan, key);
    if (unit === undefined)
      throw new InputError(`${part.folder}: the journal has a unit ${key}, which the plan has not`);
    const known = ledger.get(key);
    if (known !== undefined && known.object !== entry.object && !(allowMixed && known.hardware !== entry.hardware)) {
      throw new InputError(
        `${part.folder} has another result of ${key} (${entry.object.slice(0, 12)}...) than a folder before it (${known.object.slice(0, 12)}...), which must not be; one of the machines computes wrongly`,
      );
    }
    if (known !== undefined) continue;
    const bytes = await part.store.get(entry.object);
    // What an island has gone on from may be gone; its last state must be there.
    if (bytes !== undefined) await objects.put(entry.object, bytes);
    else if (entry.last) continue;
    ledger.add(key, seedOf(unit), seconds, entry);
  }
}
