/** @file `pareidolia reproduce`: its options. */

import { Command, Option } from 'commander';
import type { ReproduceRequest } from '../reproduce/reproduce.ts';
import { addCommonOptions } from './options.ts';

const EXAMPLES = `
Networks and data are looked for in PAREIDOLIA_DATA (or the user's cache folder), as models/<name>.onnx and mnist/; what
needs files that are not there is skipped, and says so. Budgets: small is minutes, paper is the paper's own numbers.

Examples:
  pareidolia reproduce --list                            the claims, each with its published figure
  pareidolia reproduce mnist-cppn rubbish
  pareidolia reproduce all --budget small --out runs/paper
  pareidolia reproduce all --budget small --out runs/paper --resume

Ctrl-C leaves what is done written; --resume goes on from there.`;

interface ReproduceOptions extends Omit<ReproduceRequest, 'names' | 'resume' | 'device' | 'crops'> {
  readonly crops: '1' | '10';
  readonly list?: true;
  readonly resume?: true;
  readonly device?: ReproduceRequest['device'];
  readonly json?: true;
}

export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description('repeat the experiments of the paper, each with the published figure beside ours and a verdict')
    .argument('[names...]', 'experiments, or all')
    .option('--list', 'say what experiments there are')
    .addOption(
      new Option('--budget <budget>', 'how much work is done').choices(['tiny', 'small', 'paper']).default('small'),
    )
    .addOption(
      new Option('--crops <n>', 'parts of an image that ImageNet networks score and average: 1, or the 10 of the paper')
        .choices(['1', '10'])
        .default('1'),
    )
    .option('--out <folder>', 'where results go (default: runs/reproduce-<budget>-<n>)')
    .option('--resume', 'go on with the work in --out')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(async (names: string[], options: ReproduceOptions) => {
    const { listExperiments, runReproduce } = await import('./reproduce-action.ts');
    const { json, list, resume, crops, device = 'cpu', ...request } = options;
    if (list === true) {
      listExperiments(json === true);
      return;
    }
    await runReproduce(
      { ...request, names, device, crops: crops === '10' ? 10 : 1, resume: resume === true },
      json === true,
    );
  });
}
