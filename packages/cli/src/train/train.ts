/** @file What `pareidolia train` does, from the request to the model on disk. */

import { OnnxError, trainingStep } from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { dataInput } from '../data/data-input.ts';
import { loadData } from '../data/datasets.ts';
import { resumingCommand } from '../job/command-line.ts';
import { newConfig, readConfig } from '../job/config.ts';
import { removeTemporaries } from '../job/files.ts';
import { JobFolder, type OpenMode, requireRoom } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { runJob } from '../job/job.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { trainCommandLine } from './command-line.ts';
import { openGiven } from './given-network.ts';
import type { TrainObserver } from './observer.ts';
import { isPart, requireReplaceable, trainingFolder } from './out.ts';
import { openOutliers } from './outliers.ts';
import { outOf, requireOutliers, requireWritable, settingsOf, type TrainRequest } from './request.ts';
import type { TrainResult } from './result.ts';
import { TRAIN } from './settings.ts';
import { brought, madeHere, type Subject } from './subject.ts';
import { TrainingJob } from './training-job.ts';

/** How it ended: finished, or saved on the way. */
export type TrainOutcome =
  | { readonly done: true; readonly result: TrainResult }
  | { readonly done: false; readonly out: string };

/**
 * Trains a network. What is needed to go on lies in a folder beside the model: {@link trainingFolder}.
 *
 * @param signal once aborted, the epoch or search under way is left; those before are saved
 * @throws InputError where data or settings cannot be used, where there is a model or a training at the place already, or where
 * the training to resume was another one; DiskError
 */
export async function trainNetwork(
  request: TrainRequest,
  signal: AbortSignal,
  observer: TrainObserver,
): Promise<TrainOutcome> {
  const out = outOf(request);
  requireWritable(out);
  const path = trainingFolder(out);
  const mode: OpenMode = request.resume ? 'resume' : request.given.force === true ? 'replace' : 'begin';
  requireRoom(path, TRAIN, mode);
  if (mode === 'begin') requireReplaceable(out, undefined);
  const before = request.resume ? readConfig(path, TRAIN) : undefined;
  const settings = settingsOf(request, before);
  const seed = request.seed ?? before?.seed ?? 1;
  const runtime = nodeRuntime();
  const { from } = settings;
  const given = from === undefined ? undefined : await openGiven({ ...settings, from }, seed, runtime, signal);
  const data = given?.data ?? (await loadData(settings.data, seed, signal));
  const subjects = given === undefined ? madeHere(settings, seed) : brought(given, settings);
  const subject = subjects.of(0, data.train, undefined);
  requireTrainable(subject, from);
  const outliers =
    settings.outliers === undefined
      ? undefined
      : await openOutliers(settings.outliers, data.train, given?.card ?? {}, seed, settings.data);
  requireOutliers(settings);
  const config = newConfig(TRAIN, {
    runtime: runtime.name,
    ...(await gradientForm(runtime, settings.device)),
    inputs: {
      ...(given === undefined ? {} : modelInputs(given.file)),
      data: dataInput(data.name, [data.train, data.validation, ...(data.test === undefined ? [] : [data.test])]),
      ...(outliers?.input === undefined ? {} : { outliers: outliers.input }),
    },
    settings,
    seed,
    command: trainCommandLine(settings, seed, out),
  });
  const folder = JobFolder.open(path, TRAIN, config, mode, (old, now) => ({
    command: now.command,
    settings: { ...now.settings, force: old.settings.force || now.settings.force },
  }));
  return folder.use(resumingCommand('train', out), async () => {
    removeTemporaries(path, (name) => isPart(out, name));
    const job = new TrainingJob({
      folder,
      out,
      seed,
      data,
      subjects,
      outliers: outliers?.source,
      runtime,
      observer,
    });
    job.requireReplaceable();
    const { trained: parameters, frozen } = subject.values;
    const notices = given?.notices ?? [];
    observer.begin({ settings, seed, data, parameters, frozen, notices, resumed: folder.resumed });
    const ending = await runJob(folder, job, { signal });
    return ending.done ? { done: true, result: ending.outcome } : { done: false, out };
  });
}

/** Builds the step of the training once, so that what has no gradient is told before anything is written. */
function requireTrainable({ model, options }: Subject, from: string | undefined): void {
  if (from === undefined) return;
  try {
    trainingStep(model, options);
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    throw new InputError(`${from}: ${error.message}`, { cause: error });
  }
}
