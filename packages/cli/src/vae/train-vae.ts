/** @file What `pareidolia train vae` does, from the request to the networks on disk. */

import { datasetShape, type VaeNetworks, vaeNetworks } from '@pareidolia/core';
import { countTrained } from '../generator-training/networks.ts';
import { type TrainingOutcome, trainInFolder } from '../generator-training/train-in-folder.ts';
import { vaeCommandLine } from './command-line.ts';
import type { VaeObserver } from './observer.ts';
import { settingsOf, type VaeRequest } from './request.ts';
import type { VaeResult } from './result.ts';
import { VAE, type VaeSettings } from './settings.ts';
import { VaeJob } from './vae-job.ts';

/**
 * Trains an encoder and a decoder, in a folder.
 *
 * @param signal once aborted, the epoch under way is left; those before are saved
 * @throws InputError where data or settings cannot be used, the folder is not empty, or the training to resume was another one;
 * DiskError
 */
export function trainVaeInFolder(
  request: VaeRequest,
  signal: AbortSignal,
  observer: VaeObserver,
): Promise<TrainingOutcome<VaeResult>> {
  return trainInFolder<VaeSettings, VaeNetworks, VaeResult>(
    {
      kind: VAE,
      settingsOf,
      commandLine: vaeCommandLine,
      networks: (architecture, { latent, width = architecture.width }, { train }, seed) =>
        vaeNetworks(architecture, { shape: datasetShape(train), latent, width }, seed),
      job: (parts) => {
        const { folder, seed, data, networks } = parts;
        observer.begin({
          settings: folder.config.settings,
          seed,
          data,
          encoder: countTrained(networks.encoder),
          decoder: countTrained(networks.decoder),
          resumed: folder.resumed,
          out: folder.path,
        });
        return new VaeJob(parts, observer);
      },
    },
    request,
    signal,
  );
}
