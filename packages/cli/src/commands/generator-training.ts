/** @file The options of all trainings of generators. */

import { GAN_ARCHITECTURES } from '@pareidolia/core';
import { Command, Option } from 'commander';
import type { GeneratorTrainingRequest } from '../generator-training/request.ts';
import type { GeneratorTrainingSettings } from '../generator-training/settings.ts';
import { DEVICES, dataOption, givenOptions, numberBetween, wholeNumber } from './options.ts';

/** What the help of a training says of its data. */
export const DATA_HELP = `Data: digits, things, mnist, fashion-mnist, cifar10, a folder of such files, or a folder of pictures, which become color images of
--size; folders in it are the classes. A twelfth is held out, to compare the generated images with.`;

/** What the help of a training says of its folder, but for the networks in it. */
export const FOLDER_HELP = `After Ctrl-C, or whatever else ends it, --resume goes on after the last whole epoch,
and makes the same bytes. The same seed gives the same bytes with as many --threads: the last bits of the weights depend on them,
so that --resume keeps their number.`;

/** A list of the architectures. */
export function architecturesHelp(): string {
  return GAN_ARCHITECTURES.map(({ name, summary, width }) => `  ${name}: ${summary}; --width ${width}`).join('\n');
}

/** What of the options differs. */
export interface GeneratorTrainingOptions {
  /** `gan`. */
  readonly name: string;
  readonly description: string;
  /** Defaults, for the help. */
  readonly latent: number;
  readonly learningRate: number;
  /** What a step has: `images in a step`. */
  readonly batch: string;
  readonly help: string;
  /** Options of its own. */
  readonly own: readonly Option[];
}

type Common = 'seed' | 'out' | 'resume' | 'force' | 'json';

/** @param run trains; whether stdout is for a machine */
export function generatorTrainingCommand<Settings extends GeneratorTrainingSettings>(
  { name, description, latent, learningRate, batch, help, own }: GeneratorTrainingOptions,
  run: (request: GeneratorTrainingRequest<Settings>, json: boolean) => Promise<void>,
): Command {
  const command = new Command(name)
    .description(description)
    .addOption(dataOption('digits, things, mnist, fashion-mnist, cifar10, a folder of such files, or one of pictures'))
    .option('--size <pixels>', 'side of the images that pictures of a folder become (default: 32)', wholeNumber(8, 128))
    .addOption(
      new Option('--architecture <name>', 'of both networks (default: dcgan)').choices(
        GAN_ARCHITECTURES.map((each) => each.name),
      ),
    )
    .option('--latent <n>', `numbers in a latent vector (default: ${latent})`, wholeNumber(1, 65_536))
    .option('--width <n>', 'size of the layers (default: see below)', wholeNumber(1, 4096))
    .option('--epochs <n>', 'passes through the images (default: 10)', wholeNumber(1, 100_000))
    .option('--batch <n>', `${batch} (default: 64)`, wholeNumber(2, 100_000))
    .option(
      '--learning-rate <rate>',
      `of both networks at the beginning; it falls along half a cosine (default: ${learningRate})`,
      numberBetween(0, 1000),
    );
  for (const option of own) command.addOption(option);
  command
    .option(
      '--seed <n>',
      'seed of weights, order, latent vectors, and the digits that are drawn (default: 1)',
      wholeNumber(0),
    )
    .option('--out <folder>', `the folder (default: ${name}-<data>)`)
    .option(
      '--resume',
      'go on with the training in --out, or begin it where there is none; options you omit keep their previous values',
    )
    .option('--force', 'replace a training that is in the folder')
    .option('--threads <n>', 'threads that compute (default: 2)', wholeNumber(1, 512))
    .addOption(new Option('--device <name>', 'where the networks run (default: cpu)').choices(DEVICES))
    .option('--json', 'print one JSON object on stdout, and all else on stderr')
    .addHelpText('after', `\n${help}`);
  return command.action(async () => {
    const { json, resume, force, out, seed, ...given } = givenOptions<Settings & Record<Common, unknown>>(command);
    await run(
      {
        // What is left are settings, as their parsers make them.
        given: given as unknown as Partial<Settings>,
        ...(out === undefined ? {} : { out: out as string }),
        ...(seed === undefined ? {} : { seed: seed as number }),
        resume: resume === true,
        force: force === true,
      },
      json === true,
    );
  });
}
