/** @file Runs `pareidolia train gan` at the terminal. */

import type { GanObserver } from '../gan/observer.ts';
import type { GanRequest } from '../gan/request.ts';
import type { GanResult } from '../gan/result.ts';
import { GAN, type GanSettings } from '../gan/settings.ts';
import { trainGanInFolder } from '../gan/train-gan.ts';
import { GAN_TROUBLES } from '../gan/troubles.ts';
import { count, duration, percent } from '../terminal/figures.ts';
import { tellNothingYet } from '../terminal/nothing-yet.ts';
import type { Progress } from '../terminal/progress.ts';
import { runGeneratorTraining } from './generator-training-action.ts';

/** @param json whether stdout is for a machine */
export async function runTrainGan(request: GanRequest, json: boolean): Promise<void> {
  await runGeneratorTraining<GanSettings, GanResult>(
    {
      kind: GAN.name,
      request,
      train: (signal, progress) => trainGanInFolder(request, signal, observer(progress, request.resume)),
      summary: ({ diversity, trouble, seconds, generator, discriminator, samples }) => [
        ...(trouble === null ? [] : [`Beware: ${GAN_TROUBLES[trouble]}`]),
        `Diversity ${diversity.toFixed(2)} of that of the data; samples: ${samples}`,
        `${generator.model} and ${discriminator.model} written after ${duration(seconds)}, each with its card`,
      ],
    },
    json,
  );
}

/** @param asked whether the user asked to resume */
function observer(progress: Progress, asked: boolean): GanObserver {
  let epochs = 0;
  return {
    begin: ({ settings, seed, data: { name, train }, generator, discriminator, resumed, out }) => {
      epochs = settings.epochs;
      tellNothingYet(progress, asked, 'epoch', { resumed, out });
      progress.mention(
        `${resumed ? 'Going on with' : 'Training'} ${settings.architecture}${settings.conditional ? ' by class' : ''} on ${count(train.images.count)} images of ${name}: ` +
          `generator ${count(generator)} parameters, discriminator ${count(discriminator)}, latent ${settings.latent}, seed ${seed}, in ${out}`,
      );
    },
    step: (read) =>
      progress.update(() => {
        const { epoch, discriminatorLoss, generatorLoss, imagesPerSecond, secondsLeft } = read();
        return `epoch ${epoch}/${epochs}  loss D ${discriminatorLoss.toFixed(3)} G ${generatorLoss.toFixed(3)}  ${count(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
      }),
    epoch: ({ epoch, discriminatorLoss, generatorLoss, realRight, fakeRight, diversity }, imagesPerSecond) =>
      progress.mention(
        [
          `epoch ${epoch}/${epochs}`,
          `loss D ${discriminatorLoss.toFixed(3)} G ${generatorLoss.toFixed(3)}`,
          `D right about ${percent(realRight)} of real, ${percent(fakeRight)} of generated`,
          `diversity ${diversity.toFixed(2)}`,
          `${count(imagesPerSecond)} images/s`,
        ].join('  '),
      ),
    trouble: (trouble) => progress.say(GAN_TROUBLES[trouble]),
  };
}
