/** @file Runs `pareidolia train vae` at the terminal. */

import { count, duration } from '../terminal/figures.ts';
import { tellNothingYet } from '../terminal/nothing-yet.ts';
import type { Progress } from '../terminal/progress.ts';
import type { VaeObserver } from '../vae/observer.ts';
import type { VaeRequest } from '../vae/request.ts';
import type { VaeResult } from '../vae/result.ts';
import { VAE, type VaeSettings } from '../vae/settings.ts';
import { trainVaeInFolder } from '../vae/train-vae.ts';
import { VAE_COLLAPSED } from '../vae/troubles.ts';
import { runGeneratorTraining } from './generator-training-action.ts';

/** @param json whether stdout is for a machine */
export async function runTrainVae(request: VaeRequest, json: boolean): Promise<void> {
  await runGeneratorTraining<VaeSettings, VaeResult>(
    {
      kind: VAE.name,
      request,
      train: (signal, progress) => trainVaeInFolder(request, signal, observer(progress, request.resume)),
      summary: ({ loss, reconstruction, divergence, diversity, collapsed, seconds, generator, encoder, samples }) => [
        ...(collapsed ? [`Beware: ${VAE_COLLAPSED}`] : []),
        `Loss ${lossOf({ loss, reconstruction, divergence })}; diversity ${diversity.toFixed(2)} of that of the data; samples: ${samples}`,
        `${generator.model}, with its card, and ${encoder.model} written after ${duration(seconds)}`,
      ],
    },
    json,
  );
}

/** @param asked whether the user asked to resume */
function observer(progress: Progress, asked: boolean): VaeObserver {
  let epochs = 0;
  return {
    begin: ({ settings, seed, data: { name, train }, encoder, decoder, resumed, out }) => {
      epochs = settings.epochs;
      tellNothingYet(progress, asked, 'epoch', { resumed, out });
      progress.mention(
        `${resumed ? 'Going on with' : 'Training'} a variational autoencoder, ${settings.architecture}, on ${count(train.images.count)} images of ${name}: ` +
          `encoder ${count(encoder)} parameters, decoder ${count(decoder)}, latent ${settings.latent}, seed ${seed}, in ${out}`,
      );
    },
    step: (read) =>
      progress.update(() => {
        const { epoch, imagesPerSecond, secondsLeft, ...losses } = read();
        return `epoch ${epoch}/${epochs}  loss ${lossOf(losses)}  ${count(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
      }),
    epoch: ({ epoch, diversity, ...losses }, imagesPerSecond) =>
      progress.mention(
        [
          `epoch ${epoch}/${epochs}`,
          `loss ${lossOf(losses)}`,
          `diversity ${diversity.toFixed(2)}`,
          `${count(imagesPerSecond)} images/s`,
        ].join('  '),
      ),
    collapsed: () => progress.say(VAE_COLLAPSED),
  };
}

function lossOf({
  loss,
  reconstruction,
  divergence,
}: Pick<VaeResult, 'loss' | 'reconstruction' | 'divergence'>): string {
  return `${loss.toFixed(1)} nats (images ${reconstruction.toFixed(1)}, latents ${divergence.toFixed(1)})`;
}
