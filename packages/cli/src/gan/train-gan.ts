/** @file What `pareidolia train gan` does, from the request to the networks on disk. */

import { datasetShape, type GanNetworks, ganNetworks } from '@pareidolia/core';
import { countTrained } from '../generator-training/networks.ts';
import { type TrainingOutcome, trainInFolder } from '../generator-training/train-in-folder.ts';
import { ganCommandLine } from './command-line.ts';
import { GanJob } from './gan-job.ts';
import type { GanObserver } from './observer.ts';
import { type GanRequest, settingsOf } from './request.ts';
import type { GanResult } from './result.ts';
import { GAN, type GanSettings } from './settings.ts';

/**
 * Trains a generator and a discriminator, in a folder.
 *
 * @param signal once aborted, the epoch under way is left; those before are saved
 * @throws InputError where data or settings cannot be used, the folder is not empty, or the training to resume was another one;
 * DiskError
 */
export function trainGanInFolder(
  request: GanRequest,
  signal: AbortSignal,
  observer: GanObserver,
): Promise<TrainingOutcome<GanResult>> {
  return trainInFolder<GanSettings, GanNetworks, GanResult>(
    {
      kind: GAN,
      settingsOf,
      commandLine: ganCommandLine,
      networks: (architecture, settings, { train }, seed) =>
        ganNetworks(
          architecture,
          {
            shape: datasetShape(train),
            latent: settings.latent,
            width: settings.width ?? architecture.width,
            apart: settings.gradientPenalty > 0,
            ...(settings.conditional ? { classes: train.classNames.length } : {}),
          },
          seed,
        ),
      job: (parts) => {
        const { folder, seed, data, networks } = parts;
        observer.begin({
          settings: folder.config.settings,
          seed,
          data,
          generator: countTrained(networks.generator),
          discriminator: countTrained(networks.discriminator),
          resumed: folder.resumed,
          out: folder.path,
        });
        return new GanJob(parts, observer);
      },
    },
    request,
    signal,
  );
}
