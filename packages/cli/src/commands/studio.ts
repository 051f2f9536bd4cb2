/** @file `pareidolia studio`: its options. */

import { InputError } from '@pareidolia/core';
import { Command } from 'commander';
import { GENERATOR } from '../generator/embedded.ts';
import type { StudioRequest } from '../server/studio-server.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addGeneratorOptions, type GivenGenerator } from './generator-options.ts';
import { addCommonOptions, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia studio                                      the embedded network, in the browser
  pareidolia studio --model squeezenet.onnx
  pareidolia studio --generator gan.onnx                 walk in its latents, and breed them
  pareidolia studio --run runs/mine                      watch a run, even while a command works in it
  pareidolia studio --run runs/gan                       the same of train gan, train vae or a campaign
  pareidolia studio --port 8600 --no-open                print the address only
  pareidolia studio --host 0.0.0.0                       for other machines of the network: the address for them is printed
  pareidolia studio --port 8600 --token keep             pages that are open find it again after a restart

Only this machine can reach it, where --host says nothing else, and only with the token in the address. Ctrl-C saves what is running and ends it.`;

interface StudioOptions extends Omit<StudioRequest, 'device' | 'pages' | 'generator' | 'queue'>, GivenGenerator {
  readonly device?: StudioRequest['device'];
  readonly open: boolean;
  readonly json?: true;
}

export function studioCommand(): Command {
  const command = new Command('studio')
    .option('--model <file>', 'the network to begin with, an ONNX file (default: the embedded digit network)')
    .option(
      '--generator <generator>',
      `a network that makes images of random numbers, to breed and to walk in: ${GENERATOR} (default: digits)`,
    )
    .option('--run <folder>', 'a run, a training of a generator, or a campaign, to open at the start')
    .option('--runs <folder>', 'where runs are created and looked for', 'runs')
    .option('--port <n>', 'port to listen on, 0 for any that is free', wholeNumber(0, 65535), 0)
    .option('--host <address>', 'address to listen on; the default is reached from this machine only', '127.0.0.1')
    .option(
      '--token <token>',
      'what opens the page: keep, the same at each start, or a token of your own (default: a new one at each start)',
    )
    .option('--no-open', 'do not open a browser')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(addCardOptions(addGeneratorOptions(command))).action(async (given: StudioOptions) => {
    const { runStudio } = await import('./studio-action.ts');
    const { cardOptions, rest } = splitCardOptions(given);
    const { device = 'cpu', open, json, generator, generatorCard, ...others } = rest;
    const { latentDimension, latentDistribution, generatorRange, generatorClass, ...options } = others;
    const asked = { latentDimension, latentDistribution, generatorRange, generatorClass };
    const read = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    if (generator === undefined && (generatorCard !== undefined || Object.keys(read).length > 0)) {
      throw new InputError('The options of a generator are given, and none is named; name it with --generator');
    }
    const named = generator === undefined ? {} : { generator: { generator, generatorCard, ...read } };
    const queue = process.env.PAREIDOLIA_QUEUE;
    await runStudio({ ...options, ...named, cardOptions, device, queue }, { open, json: json === true });
  });
}
