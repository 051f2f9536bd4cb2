/** @file What `pareidolia train gan` does, from the request to the networks on disk. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { datasetShape, ganArchitectureNamed, ganNetworks } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { dataInput } from '../data/data-input.ts';
import { resumingCommand } from '../job/command-line.ts';
import { newConfig, readConfig } from '../job/config.ts';
import { guard } from '../job/disk-error.ts';
import { removeTemporaries } from '../job/files.ts';
import { JobFolder, type OpenMode, requireRoom } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { runJob } from '../job/job.ts';
import { ganCommandLine } from './command-line.ts';
import { countTrained, GanJob } from './gan-job.ts';
import type { GanObserver } from './observer.ts';
import { loadPictures } from './pictures.ts';
import { type GanRequest, outOf, settingsOf } from './request.ts';
import type { GanResult } from './result.ts';
import { GAN, isSheet, SHEETS } from './settings.ts';

/** How it ended: finished, or saved on the way. */
export type GanOutcome =
  | { readonly done: true; readonly result: GanResult }
  | { readonly done: false; readonly out: string };

/**
 * Trains a generator and a discriminator, in a folder.
 *
 * @param signal once aborted, the epoch under way is left; those before are saved
 * @throws InputError where data or settings cannot be used, the folder is not empty, or the training to resume was another one;
 * DiskError
 */
export async function trainGanInFolder(
  request: GanRequest,
  signal: AbortSignal,
  observer: GanObserver,
): Promise<GanOutcome> {
  const out = outOf(request);
  const mode: OpenMode = request.resume ? 'resume' : request.force ? 'replace' : 'begin';
  requireRoom(out, GAN, mode);
  const before = request.resume ? readConfig(out, GAN) : undefined;
  const settings = settingsOf(request, before);
  const seed = request.seed ?? before?.seed ?? 1;
  const runtime = nodeRuntime();
  const data = await loadPictures(settings, seed, signal);
  const architecture = ganArchitectureNamed(settings.architecture);
  const networks = ganNetworks(
    architecture,
    {
      shape: datasetShape(data.train),
      latent: settings.latent,
      width: settings.width ?? architecture.width,
      apart: settings.gradientPenalty > 0,
      ...(settings.conditional ? { classes: data.train.classNames.length } : {}),
    },
    seed,
  );
  const [generator, discriminator] = [countTrained(networks.generator), countTrained(networks.discriminator)];
  const config = newConfig(GAN, {
    runtime: runtime.name,
    ...(await gradientForm(runtime, settings.device)),
    inputs: {
      data: dataInput(data.name, [data.train, data.validation]),
    },
    settings,
    seed,
    command: ganCommandLine(settings, seed, out),
  });
  const folder = JobFolder.open(out, GAN, config, mode);
  return folder.use(resumingCommand('train gan', out), async () => {
    const sheets = join(out, SHEETS);
    if (existsSync(sheets)) removeTemporaries(sheets, isSheet);
    if (!folder.resumed) removeSheets(sheets);
    const job = new GanJob({ folder, seed, data, networks, runtime, observer });
    observer.begin({ settings, seed, data, generator, discriminator, resumed: folder.resumed, out });
    const ending = await runJob(folder, job, { signal });
    return ending.done ? { done: true, result: ending.outcome } : { done: false, out };
  });
}

/** Removes the sheets of a training that is replaced, which may have had more epochs. */
function removeSheets(sheets: string): void {
  if (!existsSync(sheets)) return;
  for (const name of readdirSync(sheets)) if (isSheet(name)) guard(sheets, () => rmSync(join(sheets, name)));
}
