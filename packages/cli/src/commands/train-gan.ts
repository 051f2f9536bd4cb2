/** @file `pareidolia train gan`: its options. */

import { LATENT_DISTRIBUTIONS } from '@pareidolia/core';
import { type Command, Option } from 'commander';
import { GAN_DEFAULTS } from '../gan/defaults.ts';
import type { GanSettings } from '../gan/settings.ts';
import { architecturesHelp, DATA_HELP, FOLDER_HELP, generatorTrainingCommand } from './generator-training.ts';
import { numberBetween } from './options.ts';

const HELP = () => `${DATA_HELP}

Examples:
  pareidolia train gan --data digits --epochs 5
  pareidolia train gan --data mnist --out gan-mnist
  pareidolia train gan --out gan-mnist --resume
  pareidolia train gan --data fashion-mnist --conditional
  pareidolia train gan --data photos/ --size 32 --gradient-penalty 10

Architectures:
${architecturesHelp()}

Both networks are trained by Adam (without momentum) with the non-saturating loss of Goodfellow et al. 2014, real images labelled
--real-label instead of 1 (Salimans et al. 2016), and R1 (Mescheder et al. 2018) where --gradient-penalty is not 0; the discriminator then has
no batch normalization. --conditional makes the class an input of both networks.

The folder gets generator.onnx and discriminator.onnx with their cards, samples.png, a sheet of samples and a line in
epochs.jsonl for each epoch, and the result. ${FOLDER_HELP}`;

export function trainGanCommand(): Command {
  return generatorTrainingCommand<GanSettings>(
    {
      name: 'gan',
      description: 'train a generator of images and a discriminator against each other',
      latent: GAN_DEFAULTS.latent,
      learningRate: GAN_DEFAULTS.learningRate,
      batch: 'real images in a step, and as many generated ones',
      help: HELP(),
      own: [
        new Option('--conditional', 'generate by class'),
        new Option('--latent-distribution <name>', 'N(0, 1), or uniform between -1 and 1 (default: normal)').choices(
          LATENT_DISTRIBUTIONS,
        ),
        new Option(
          '--real-label <t>',
          `label of real images in the discriminator's loss (default: ${GAN_DEFAULTS.realLabel})`,
        ).argParser(numberBetween(0, 1)),
        new Option(
          '--gradient-penalty <gamma>',
          `weight of R1; 0 for none (default: ${GAN_DEFAULTS.gradientPenalty})`,
        ).argParser(numberBetween(0, 1e6)),
        new Option(
          '--average <decay>',
          `decay of the moving average of the generator's weights, a step; 0 for the last weights (default: ${GAN_DEFAULTS.average})`,
        ).argParser(numberBetween(0, 0.999999)),
      ],
    },
    async (request, json) => {
      const { runTrainGan } = await import('./train-gan-action.ts');
      await runTrainGan(request, json);
    },
  );
}
