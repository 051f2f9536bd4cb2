/** @file `pareidolia train gan`: its options. */

import { GAN_ARCHITECTURES, LATENT_DISTRIBUTIONS } from '@pareidolia/core';
import { Command, Option } from 'commander';
import type { GanSettings } from '../gan/settings.ts';
import { DEVICES, givenOptions, numberBetween, wholeNumber } from './options.ts';

const EXAMPLES = () => `
Data: digits, mnist, fashion-mnist, cifar10, a folder of such files, or a folder of pictures, which become color images of
--size; folders in it are the classes. A twelfth is held out, to compare the generated images with.

Examples:
  pareidolia train gan --data digits --epochs 5
  pareidolia train gan --data mnist --out gan-mnist
  pareidolia train gan --out gan-mnist --resume
  pareidolia train gan --data fashion-mnist --conditional
  pareidolia train gan --data photos/ --size 32 --gradient-penalty 1

Architectures:
${GAN_ARCHITECTURES.map(({ name, summary, width }) => `  ${name}: ${summary}; --width ${width}`).join('\n')}

Both networks are trained by Adam (beta1 0.5) with the non-saturating loss of Goodfellow et al. 2014, real images labelled
--real-label instead of 1 (Salimans et al. 2016). --gradient-penalty adds R1 (Mescheder et al. 2018); the discriminator then has
no batch normalization. --conditional makes the class an input of both networks.

The folder gets generator.onnx and discriminator.onnx with their cards, samples.png, a sheet of samples and a line in
epochs.jsonl for each epoch, and the result. After Ctrl-C, or whatever else ends it, --resume goes on after the last whole epoch,
and makes the same bytes. The same seed gives the same bytes with as many --threads: the last bits of the weights depend on them,
so that --resume keeps their number.`;

interface GanCommandOptions extends Omit<GanSettings, 'data'> {
  readonly data: string;
  readonly seed: number;
  readonly out: string;
  readonly resume: true;
  readonly force: true;
  readonly json: true;
}

export function trainGanCommand(): Command {
  const command = new Command('gan')
    .description('train a generator of images and a discriminator against each other')
    .option('--data <data>', 'digits, mnist, fashion-mnist, cifar10, a folder of such files, or one of pictures')
    .option('--size <pixels>', 'side of the images that pictures of a folder become (default: 32)', wholeNumber(8, 128))
    .addOption(
      new Option('--architecture <name>', 'of both networks (default: dcgan)').choices(
        GAN_ARCHITECTURES.map(({ name }) => name),
      ),
    )
    .option('--conditional', 'generate by class')
    .option('--latent <n>', 'numbers in a latent vector (default: 64)', wholeNumber(1, 65_536))
    .addOption(
      new Option('--latent-distribution <name>', 'N(0, 1), or uniform between -1 and 1 (default: normal)').choices(
        LATENT_DISTRIBUTIONS,
      ),
    )
    .option('--width <n>', 'size of the layers (default: see below)', wholeNumber(1, 4096))
    .option('--epochs <n>', 'passes through the images (default: 10)', wholeNumber(1, 100_000))
    .option('--batch <n>', 'real images in a step, and as many generated ones (default: 64)', wholeNumber(2, 100_000))
    .option(
      '--learning-rate <rate>',
      'of both networks at the beginning; it falls along half a cosine (default: 0.0002)',
      numberBetween(0, 1000),
    )
    .option('--real-label <t>', "label of real images in the discriminator's loss (default: 0.9)", numberBetween(0, 1))
    .option('--gradient-penalty <gamma>', 'weight of R1 (default: 0, none)', numberBetween(0, 1e6))
    .option(
      '--seed <n>',
      'seed of weights, order, latent vectors, and the digits that are drawn (default: 1)',
      wholeNumber(0),
    )
    .option('--out <folder>', 'the folder (default: gan-<data>)')
    .option('--resume', 'go on with the training in --out; options you omit keep their previous values')
    .option('--force', 'replace a training that is in the folder')
    .option('--threads <n>', 'threads that compute (default: 2)', wholeNumber(1, 512))
    .addOption(new Option('--device <name>', 'where the networks run (default: cpu)').choices(DEVICES))
    .option('--json', 'print one JSON object on stdout, and all else on stderr')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const { runTrainGan } = await import('./train-gan-action.ts');
    const { json, resume, force, out, seed, ...given } = givenOptions<GanCommandOptions>(command);
    await runTrainGan(
      {
        given,
        ...(out === undefined ? {} : { out }),
        ...(seed === undefined ? {} : { seed }),
        resume: resume === true,
        force: force === true,
      },
      json === true,
    );
  });
}
