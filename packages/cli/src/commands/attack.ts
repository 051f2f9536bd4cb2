/** @file `pareidolia attack`: its options and help. */

import { availableParallelism } from 'node:os';
import { ATTACKS } from '@pareidolia/core';
import { Command, Option } from 'commander';
import type { AttackSettings } from '../attack/settings.ts';
import { suggestValues } from '../completion/suggested-values.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addEndpointOptions, ENDPOINT_HELP, MODEL, splitEndpointOptions } from './endpoint-options.ts';
import { addCommonOptions, addImageOptions, addReportOption, givenOptions, setting, wholeNumber } from './options.ts';

const EXAMPLES = `
Epsilon is a distance of pixels in [0, 1]: 0.3, 8/255, several by commas, or min for the smallest at which each image falls.
Attacks that look for the nearest image use it only to count: an image falls at an epsilon if its distance is no larger. For the
others, what is found at a smaller epsilon counts at the larger ones; with --each-epsilon each result is that of its epsilon alone.

A guarded model is attacked together with its detector: an image counts only where it is accepted as a wrong class, and what is
refused is not. Images that it refuses as they are, are not attacked, and count as not right. --network-alone attacks the network.

Images are scaled and cropped as the model card's field resize says. Their right classes come from --labels (lines of
file,class), from the names of their folders, or are the network's own decisions. A number is the class of that name, where
there is one, and else the place of a class, from 0. What cannot be read, has no line in --labels, or lies in a folder that
names no class while others do, is left out and named.

Examples:
  pareidolia attack --list                               the attacks, one a line
  pareidolia attack                                      the embedded network on 100 of its digits
  pareidolia attack --model squeezenet1.1.onnx --images photos/ --attack pgd --norm linf --epsilon 8/255 --targeted random
  pareidolia attack --model lenet.onnx --data mnist --limit 1000 --attack fgsm,pgd,deepfool,cw,square --epsilon 0.1,0.2,0.3
  pareidolia attack --model lenet.onnx --data mnist --attack autoattack --epsilon 0.3 --json

  pareidolia attack --model https://host/v2/models/digits --attack square --epsilon 0.3 --query-budget 50000
  pareidolia attack --out runs/mine --resume             go on with a job that was stopped or killed

Ctrl-C keeps every image that is finished, writes what the finished attacks found, and leaves with exit code 130; --resume goes
on, and comes to the same results.`;

interface AttackOptions extends AttackSettings, EndpointOptions {
  readonly seed: number;
  readonly out: string;
  readonly resume: true;
  readonly list: true;
  readonly json: true;
}

export function attackCommand(): Command {
  const command = new Command('attack')
    .option('--list', 'list the attacks with their settings')
    .option('--model <model>', `the network: ${MODEL} (default: an embedded network that reads digits)`);
  addImageOptions(command, 'only the first so many images (default: 100 of a dataset)')
    .addOption(
      suggestValues(
        new Option('--attack <names>', 'one or several by commas').default('pgd'),
        ATTACKS.map(({ name }) => name),
        { several: true },
      ),
    )
    .addOption(
      new Option('--norm <norm>', "how distance is measured (default: the attack's own)").choices([
        'linf',
        'l2',
        'l1',
        'l0',
      ]),
    )
    .option('--epsilon <list>', 'the distances allowed, or min', 'min')
    .option('--each-epsilon', 'attack each epsilon as if it were the only one, also where a smaller one was enough')
    .option('--targeted <choice>', 'random, next, least-likely, or a class by number or name')
    .option('--set <name=number>', 'a setting of the attacks that have it, may be repeated', setting)
    .option('--budget <n>', 'forward passes for each image at most', wholeNumber(1))
    .option('--batch <n>', 'images in one call of the network (default: by their size)', wholeNumber(1, 1_000_000))
    .option('--no-quantize', 'count images in floating point, not only those that an 8-bit file can hold')
    .option('--transformations', 'demand that images survive turning, moving, scaling and lighting (EOT)')
    .option('--network-alone', 'attack the network of a guarded model as if it had no detector')
    .option('--pictures <n>', 'images written as PNG for each attack and epsilon, at most', wholeNumber(0), 100)
    .option('--seed <n>', 'seed of all random numbers: the same seed gives the same results', wholeNumber(0), 1)
    .option('--out <folder>', 'where results go (default: runs/<model>-<attack>-seed<seed>)')
    .option(
      '--resume',
      'go on with the attacks in --out, or begin them where there are none; options you omit keep their previous values',
    )
    .addHelpText('after', `${ENDPOINT_HELP}\n${EXAMPLES}`);
  return addEndpointOptions(addReportOption(addCommonOptions(addCardOptions(command, { labels: false })))).action(
    async () => {
      const { runAttack, listAttacks } = await import('./attack-action.ts');
      const { endpoint, others } = splitEndpointOptions(givenOptions<AttackOptions>(command));
      const { cardOptions, rest } = splitCardOptions(others, { labels: false });
      const { json, list, out, seed, resume, ...given } = rest;
      if (list === true) {
        listAttacks(json === true);
        return;
      }
      await runAttack(
        {
          given,
          cardOptions,
          endpoint,
          ...(out === undefined ? {} : { out }),
          ...(seed === undefined ? {} : { seed }),
          resume: resume === true,
          threads: availableParallelism(),
        },
        json === true,
      );
    },
  );
}
