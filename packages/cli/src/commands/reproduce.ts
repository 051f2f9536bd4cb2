/** @file `pareidolia reproduce`: its options. */

import { availableParallelism } from 'node:os';
import { CLAIMS } from '@pareidolia/lab';
import { Argument, Command, Option } from 'commander';
import { suggestValues } from '../completion/suggested-values.ts';
import { GENERATOR } from '../generator/embedded.ts';
import type { ReproduceSettings } from '../reproduce/settings.ts';
import { addDiscriminatorOptions } from './generator-options.ts';
import { addCommonOptions, addReportOption, givenOptions, wholeNumber } from './options.ts';

const EXAMPLES = `
Networks and data are looked for in PAREIDOLIA_DATA (or the user's cache folder), as models/<name>.onnx and mnist/; claims
whose files are missing are skipped, with a message. Budgets: small takes minutes, paper uses the paper's own numbers.

Examples:
  pareidolia reproduce --list                            the claims, each with its published figure
  pareidolia reproduce mnist-cppn rubbish
  pareidolia reproduce mnist-cppn --seeds 20
  pareidolia reproduce --bibtex > paper.bib
  pareidolia reproduce all --budget small --out runs/paper
  pareidolia reproduce --out runs/paper --resume         go on with a job that was stopped or killed

Finished work stays saved after Ctrl-C; --resume goes on from there, with the same networks, data and settings. More claims
may be named with it.`;

interface ReproduceOptions {
  readonly budget: ReproduceSettings['budget'];
  readonly crops: '1' | '10';
  readonly device: ReproduceSettings['device'];
  readonly threads: number;
  readonly generator: string;
  readonly discriminator: string;
  readonly discriminatorRange: [number, number];
  readonly out: string;
  readonly seeds: number;
  readonly list: true;
  readonly bibtex: true;
  readonly resume: true;
  readonly json: true;
}

export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .addArgument(
      suggestValues(new Argument('[names...]', 'claims, or all'), ['all', ...CLAIMS.map(({ name }) => name)]),
    )
    .option(
      '--list',
      'list the claims with their published figures, the section they are in, and the time that they take',
    )
    .addOption(
      new Option('--budget <budget>', 'how much work is done').choices(['tiny', 'small', 'paper']).default('small'),
    )
    .addOption(
      new Option('--crops <n>', 'parts of an image that ImageNet networks score and average: 1, or the 10 of the paper')
        .choices(['1', '10'])
        .default('1'),
    )
    .option('--seeds <n>', 'how often claims repeat their searches (default: by budget)', wholeNumber(1, 10_000))
    .option('--bibtex', 'print what the claims named (or all) are from, as BibTeX')
    .option('--generator <generator>', `of claims about generators: ${GENERATOR} (default: that of the data folder)`)
    .option('--out <folder>', 'where results go (default: runs/reproduce-<claim>-<budget>)')
    .option('--resume', 'go on with the claims in --out; options you omit keep their previous values')
    .addHelpText('after', EXAMPLES);
  addDiscriminatorOptions(command, 'of claims about generators: an ONNX file (default: that of the data folder)');
  return addReportOption(addCommonOptions(command)).action(async (names: string[]) => {
    const { listClaims, printBibtex, runReproduce } = await import('./reproduce-action.ts');
    const { json, list, bibtex, resume, crops, out, ...settings } = givenOptions<ReproduceOptions>(command);
    if (list === true) {
      if (names.length > 0) command.error('error: --list lists all claims; leave out the names, or --list');
      listClaims(json === true);
      return;
    }
    if (bibtex === true) {
      printBibtex(names);
      return;
    }
    const given = {
      ...settings,
      ...(crops === undefined ? {} : { crops: crops === '10' ? (10 as const) : (1 as const) }),
      ...(names.length === 0 ? {} : { names }),
    };
    await runReproduce(
      {
        given,
        ...(out === undefined ? {} : { out }),
        resume: resume === true,
        threads: availableParallelism(),
      },
      json === true,
    );
  });
}
