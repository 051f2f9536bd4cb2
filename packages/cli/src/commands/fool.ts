/** @file `pareidolia fool`: its options and help. */

import {
  ARCHIVES,
  DEFAULT_ARCHIVE,
  DEFAULT_EMITTER,
  DEFAULT_MEASURES,
  describeSettings,
  EMITTERS,
  ENCODINGS,
  MEASURES,
  VARIATIONS,
} from '@pareidolia/core';
import { Command, Option } from 'commander';
import { suggestValues } from '../completion/suggested-values.ts';
import { several } from '../config/configurable.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import type { FoolRequest } from '../fool/fool.ts';
import { GENERATOR } from '../generator/embedded.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addEndpointOptions, ENDPOINT_HELP, MODEL, splitEndpointOptions } from './endpoint-options.ts';
import { addGeneratorOptions } from './generator-options.ts';
import { addCommonOptions, addReportOption, numberBetween, setting, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia fool                                        fool the embedded digit network
  pareidolia fool --model lenet.onnx --encoding direct --seed 2 --out runs/mine
  pareidolia fool --model squeezenet.onnx --classes tench,goldfish,100-120 --generations 5000
  pareidolia fool --classes 3 --archive grid --measures brightness,symmetry --set cells=20
  pareidolia fool --model a.onnx --model b.onnx --transfer c.onnx
  pareidolia fool --emitter gradient-ascent --preset blur --set blurEvery=4 --set early=0.2 --set late=0.3
  pareidolia fool --encoding direct --emitter iso-line --set sigmaLine=0.5
  pareidolia fool --generator digits                     among the digits that an embedded generator makes
  pareidolia fool --model lenet.onnx --generator generator.onnx --emitter gradient-ascent
  pareidolia fool --model https://host/v2/models/digits --rate 20 --query-budget 100000
  pareidolia fool --out runs/mine --resume               go on with a run that was stopped or killed
  pareidolia fool --out runs/mine --resume --generations 400

Ctrl-C finishes the generation, saves, and leaves with exit code 130.`;

interface FoolOptions
  extends Omit<FoolRequest, 'resume' | 'settings' | 'endpoint' | 'model' | 'members' | 'onlookers'>,
    EndpointOptions {
  readonly model?: readonly string[];
  readonly transfer?: readonly string[];
  readonly resume?: true;
  readonly set?: Record<string, number>;
  readonly starts?: number;
  readonly target?: number;
  readonly json?: true;
}

/** Names of the archives that tell images of a class apart. */
const MEASURED = ARCHIVES.filter(({ isMeasured }) => isMeasured)
  .map(({ name }) => name)
  .join(' and ');

/** Everything in the registries that can be chosen, with all settings. */
function choices(): string {
  const parts = [
    ['Encodings', ENCODINGS],
    ['Emitters', EMITTERS],
    ['Variations, which make children of parents', VARIATIONS],
    ['Archives', ARCHIVES],
    ['Measures, for archives that keep many images of each class', MEASURES],
  ] as const;
  return parts
    .map(([title, kinds]) => {
      const entries = kinds.map((kind) => {
        const settings = 'settings' in kind ? describeSettings(kind.settings) : [];
        const lines = settings.map((each) => `      ${each.name}=${each.default}  ${each.description}`);
        return [`  ${kind.name}  ${kind.summary}`, ...lines].join('\n');
      });
      return `${title}:\n${entries.join('\n')}`;
    })
    .join('\n\n');
}

/** The presets of all emitters, for the help text. */
function presets(): string {
  return EMITTERS.flatMap(({ name, presets }) =>
    Object.keys(presets).length === 0 ? [] : [`${Object.keys(presets).join(', ')} (${name})`],
  ).join('; ');
}

export function foolCommand(): Command {
  const command = new Command('fool')
    .option(
      '--model <model>',
      `the network: ${MODEL} (default: an embedded network that reads digits); repeated, the images are to fool all of them`,
      several,
    )
    .option(
      '--transfer <model>',
      'a network that is not searched, an ONNX file: the report says which images fool it as well; may be repeated',
      several,
    )
    .addOption(
      new Option(
        '--emitter <name>',
        `what proposes images (default: auto where gradients can be followed and the encoding is cppn, direct, fourier or dct, which needed at most a quarter of the evaluations wherever it was measured; else ${DEFAULT_EMITTER}, the paper's search)`,
      ).choices(EMITTERS.map(({ name }) => name)),
    )
    .addOption(
      new Option(
        '--encoding <name>',
        'how an image is written as a genome (default: cppn, or what the emitter works on)',
      )
        // `ascent` is how gradient ascent was asked for before it was an emitter.
        .choices([...ENCODINGS.map(({ name }) => name), 'ascent']),
    )
    .option(
      '--generator <generator>',
      `a network that makes images of random numbers, ${GENERATOR}: the search is in its latents`,
    )
    .addOption(
      new Option('--archive <name>', `which images are kept (default: ${DEFAULT_ARCHIVE})`).choices(
        ARCHIVES.map(({ name }) => name),
      ),
    )
    .option(
      '--measures <list>',
      `what the archives ${MEASURED} tell images of a class apart by, separated by commas (default: ${DEFAULT_MEASURES.join(',')})`,
      (text: string) => text.split(',').map((name) => name.trim()),
    )
    .option('--classes <list>', 'all, or numbers, ranges and names by commas: 3,7 or 1-5 or tench (default: all)')
    .option(
      '--generations <n>',
      'generations after the first one; steps of gradient ascent (default: 200; for ascent by preset)',
      wholeNumber(0),
    )
    .option(
      '--batch <n>',
      'images in a generation (default: by emitter and image size; 200 for mutation)',
      wholeNumber(1, 1_000_000),
    )
    .option(
      '--seed <n>',
      'seed of all random numbers: the same seed gives the same images (default: 1)',
      wholeNumber(0),
    )
    .option('--out <folder>', 'the run folder (default: runs/<model>-<encoding or emitter and preset>-seed<seed>)')
    .option(
      '--resume',
      'go on with the search in --out, or begin it where there is none; options you omit keep their previous values',
    )
    .addOption(
      suggestValues(
        new Option('--preset <name>', `a published set of settings: ${presets()}`),
        EMITTERS.flatMap((emitter) => Object.keys(emitter.presets)),
      ),
    )
    .option('--starts <n>', 'the same as --set starts=<n>', wholeNumber(1, 10_000))
    .option('--target <confidence>', 'the same as --set target=<confidence>', numberBetween(0, 1))
    .option(
      '--set <name=number>',
      'a setting of encoding, variation, archive or emitter (see below), may be repeated',
      setting,
    )
    .option(
      '--checkpoint-every <seconds>',
      'how often the run is saved',
      numberBetween(0, Number.POSITIVE_INFINITY),
      10,
    )
    .addHelpText('after', () => `\n${choices()}\n${ENDPOINT_HELP}\n${EXAMPLES}`);
  return addEndpointOptions(addReportOption(addCommonOptions(addCardOptions(addGeneratorOptions(command))))).action(
    async (options: FoolOptions) => {
      const { runFool } = await import('./fool-action.ts');
      const { endpoint, others } = splitEndpointOptions(options);
      const { cardOptions, rest } = splitCardOptions(others);
      const { json, resume, set, starts, target, model: models = [], transfer, ...chosen } = rest;
      const [model, ...members] = models;
      const request = {
        ...chosen,
        ...(model === undefined ? {} : { model, members }),
        ...(transfer === undefined ? {} : { onlookers: transfer }),
      };
      const named = { ...(starts === undefined ? {} : { starts }), ...(target === undefined ? {} : { target }) };
      const settings = { ...named, ...set };
      await runFool({ ...request, cardOptions, endpoint, resume: resume === true, settings }, json === true);
    },
  );
}
