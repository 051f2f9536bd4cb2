/** @file `pareidolia fool`: its options, and how it tells what happens. */

import { Command, Option } from 'commander';
import type { FoolRequest } from '../run/fool.ts';
import { addCommonOptions, numberBetween, setting, wholeNumber } from './options.ts';

const EXAMPLES = `
Settings for --set, with the paper's values as defaults:
  direct  mutationRate, eta, halveEvery
  cppn    addLink, deleteLink, addNode, deleteNode, redrawFunction, mutateWeight, eta, weightLimit, newWeight
  ascent  decay, early, late, maxStep, startDeviation, blurRadius, blurEvery, smallNorm, smallBenefit

Examples:
  pareidolia fool                                        fool the embedded digit network
  pareidolia fool --model lenet.onnx --encoding direct --seed 2 --out runs/mine
  pareidolia fool --model squeezenet.onnx --classes tench,goldfish,100-120 --generations 5000
  pareidolia fool --model lenet.onnx --encoding ascent --preset blur
  pareidolia fool --out runs/mine --resume               go on with a run that was stopped or killed
  pareidolia fool --out runs/mine --resume --generations 400

Ctrl-C finishes the generation, saves, and leaves with exit code 130.`;

interface FoolOptions extends Omit<FoolRequest, 'resume' | 'set'> {
  readonly resume?: true;
  readonly set?: Record<string, number>;
  readonly json?: true;
}

export function foolCommand(): Command {
  const command = new Command('fool')
    .description('make images that mean nothing and that a network is certain about, one for every class')
    .option('--model <file>', 'the network, an ONNX file (default: an embedded network that reads digits)')
    .option('--card <file>', 'its model card (default: <model>.card.json, or what is known of the network)')
    .addOption(
      new Option(
        '--encoding <name>',
        'how an image comes about: pixels that evolve, patterns that evolve, or gradient ascent (default: cppn)',
      ).choices(['direct', 'cppn', 'ascent']),
    )
    .option('--classes <list>', 'all, or numbers, ranges and labels by commas: 3,7 or 1-5 or tench (default: all)')
    .option(
      '--generations <n>',
      'generations after the random one; steps of ascent (default: 200; for ascent by preset)',
      wholeNumber(0),
    )
    .option('--batch <n>', 'images in a generation (default: 200)', wholeNumber(1, 1_000_000))
    .option('--seed <n>', 'decides all that is random (default: 1)', wholeNumber(0))
    .option('--out <folder>', 'the run folder (default: runs/<model>-<encoding>-<n>)')
    .option('--resume', 'go on with the run in --out, or begin it where there is none; what is not said is as it was')
    .addOption(
      new Option('--preset <name>', 'published settings of ascent (default: plain)').choices([
        'plain',
        'decay',
        'blur',
        'sparse',
      ]),
    )
    .option('--starts <n>', 'ascents for each class, of which the best counts (default: 4)', wholeNumber(1, 10_000))
    .option('--target <confidence>', 'ascent ends where all classes have it (default: 0.9999)', numberBetween(0, 1))
    .option('--set <name=number>', 'a further setting of the encoding, may be repeated', setting)
    .option(
      '--checkpoint-every <seconds>',
      'how often the run is saved',
      numberBetween(0, Number.POSITIVE_INFINITY),
      10,
    )
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(async (options: FoolOptions) => {
    const { runFool } = await import('./fool-action.ts');
    const { json, resume, set, ...request } = options;
    await runFool({ ...request, resume: resume === true, set: set ?? {} }, json === true);
  });
}
