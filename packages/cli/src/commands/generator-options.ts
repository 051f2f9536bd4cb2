/** @file The options that say how a generator is read, for every command that takes one. */

import { LATENT_DISTRIBUTIONS } from '@pareidolia/core';
import { type Command, Option } from 'commander';
import type { GeneratorOptions } from '../generator/generator-file.ts';
import { range } from './card-options.ts';
import { wholeNumber } from './options.ts';

/** Options of a generator as the command line gives them. */
export interface GivenGenerator extends GeneratorOptions {
  readonly generator?: string;
  readonly generatorCard?: string;
}

/** `--discriminator` and `--discriminator-range`. */
export function addDiscriminatorOptions(command: Command, what: string): Command {
  return command
    .option('--discriminator <file>', what)
    .option(
      '--discriminator-range <low,high>',
      'what black and white are for it (default: by its card, else by evidence)',
      range,
    );
}

/** `--generator-card`, `--latent-dimension`, `--latent-distribution`, `--generator-range` and `--generator-class`. */
export function addGeneratorOptions(command: Command): Command {
  return command
    .option('--generator-card <file>', 'its card (default: <generator>.card.json, where there is one)')
    .option('--latent-dimension <n>', 'numbers in a latent vector, where its graph leaves it open', wholeNumber(1))
    .addOption(
      new Option('--latent-distribution <law>', 'the law of each: N(0, 1), or uniform from -1 to 1').choices(
        LATENT_DISTRIBUTIONS,
      ),
    )
    .option('--generator-range <low,high>', 'what black and white are in its images, such as -1,1', range)
    .option('--generator-class <class>', 'name or number, from 0, of the class that it makes, where it takes one');
}
