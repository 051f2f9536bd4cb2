/** @file What a training of a generator does, from the request to the networks on disk. */

import { type GanArchitecture, ganArchitectureNamed, type Recordable, type Runtime } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { dataInput } from '../data/data-input.ts';
import type { DataSplit } from '../data/datasets.ts';
import { resumingCommand } from '../job/command-line.ts';
import { type JobConfig, type JobKind, newConfig, readConfig } from '../job/config.ts';
import { JobFolder, type OpenMode, requireRoom } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { type Job, runJob } from '../job/job.ts';
import type { WorkUnit } from '../job/unit.ts';
import { loadPictures } from './pictures.ts';
import { type GeneratorTrainingRequest, outOf } from './request.ts';
import type { GeneratorTrainingSettings } from './settings.ts';
import { tidySheets } from './sheets.ts';

/** How it ended: finished, or saved on the way. */
export type TrainingOutcome<Result> =
  | { readonly done: true; readonly result: Result }
  | { readonly done: false; readonly out: string };

/** What a job trains, on what, and where. */
export interface TrainingParts<Settings extends object, Networks> {
  readonly folder: JobFolder<Settings>;
  readonly seed: number;
  readonly data: DataSplit;
  /** Untrained. */
  readonly networks: Networks;
  readonly runtime: Runtime;
}

/** A kind of training. */
export interface GeneratorTraining<Settings extends GeneratorTrainingSettings, Networks, Result> {
  readonly kind: JobKind<Settings>;
  /** @throws InputError where the data are missing, or an option does not go with another */
  settingsOf(request: GeneratorTrainingRequest<Settings>, before: JobConfig<Settings> | undefined): Settings;
  /** The command that repeats it. */
  commandLine(settings: Settings, seed: number, out: string): string;
  /**
   * Untrained networks.
   *
   * @throws InputError where there are none for such images
   */
  networks(architecture: GanArchitecture, settings: Settings, data: DataSplit, seed: number): Networks;
  /** Tells that it begins, and makes the job. */
  job(parts: TrainingParts<Settings, Networks>): Job<WorkUnit, Recordable, Result>;
}

/**
 * Trains a generator, in a folder.
 *
 * @param signal once aborted, the epoch under way is left; those before are saved
 * @throws InputError where data or settings cannot be used, the folder is not empty, or the training to resume was another one;
 * DiskError
 */
export async function trainInFolder<Settings extends GeneratorTrainingSettings, Networks, Result>(
  training: GeneratorTraining<Settings, Networks, Result>,
  request: GeneratorTrainingRequest<Settings>,
  signal: AbortSignal,
): Promise<TrainingOutcome<Result>> {
  const { kind } = training;
  const out = outOf(kind.name, request);
  const mode: OpenMode = request.resume ? 'resume' : request.force ? 'replace' : 'begin';
  requireRoom(out, kind, mode);
  const before = request.resume ? readConfig(out, kind) : undefined;
  const settings = training.settingsOf(request, before);
  const seed = request.seed ?? before?.seed ?? 1;
  const runtime = nodeRuntime();
  const data = await loadPictures(settings, seed, signal);
  const networks = training.networks(ganArchitectureNamed(settings.architecture), settings, data, seed);
  const config = newConfig(kind, {
    runtime: runtime.name,
    ...(await gradientForm(runtime, settings.device)),
    inputs: {
      data: dataInput(data.name, [data.train, data.validation]),
    },
    settings,
    seed,
    command: training.commandLine(settings, seed, out),
  });
  const folder = JobFolder.open(out, kind, config, mode);
  return folder.use(resumingCommand(kind.name, out), async () => {
    tidySheets(out, folder.resumed);
    const job = training.job({ folder, seed, data, networks, runtime });
    const ending = await runJob(folder, job, { signal });
    return ending.done ? { done: true, result: ending.outcome } : { done: false, out };
  });
}
