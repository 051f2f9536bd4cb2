/** @file `pareidolia inspect`: its options. */

import { Command } from 'commander';
import type { EndpointOptions } from '../endpoint/options.ts';
import type { CardOptions } from '../model/card-options.ts';
import type { InspectRequest } from '../model/inspect.ts';
import type { ScoreRequest } from '../score/score.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addEndpointOptions, ENDPOINT_HELP, MODEL, splitEndpointOptions } from './endpoint-options.ts';
import { addCommonOptions, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia inspect                                     the embedded network
  pareidolia inspect lenet.onnx
  pareidolia inspect squeezenet.onnx --card mine.json --json
  pareidolia inspect https://host/v2/models/squeezenet --card mine.json
  pareidolia inspect squeezenet.onnx --images photos/    and how well it does on labelled images, as pareidolia score
  pareidolia inspect mine.onnx --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --labels names.txt --write-card`;

interface InspectOptions
  extends CardOptions,
    EndpointOptions,
    Pick<ScoreRequest, 'images' | 'labels' | 'limit' | 'strict'> {
  readonly card?: string;
  /** `true` for the card's usual place. */
  readonly writeCard?: string | true;
  readonly force?: true;
  readonly device?: InspectRequest['device'];
  readonly threads: number;
  readonly json?: true;
}

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .argument('[model]', `the network: ${MODEL} (default: the embedded network)`)
    .option('--images <folder>', 'score these pictures, too: a folder with its subfolders, or one file')
    .option(
      '--labels <file>',
      'with --images: the right class of each picture, lines of file,class; else the same as --class-names',
    )
    .option(
      '--strict',
      'end at a picture that cannot be read, or whose folder names no class, instead of leaving it out',
    )
    .option('--limit <n>', 'only the first so many pictures', wholeNumber(1))
    .option('--write-card [file]', 'write the card that is used, to be edited (default: <model>.card.json)')
    .option('--force', 'replace an existing card')
    .addHelpText('after', `${ENDPOINT_HELP}\n${EXAMPLES}`);
  return addEndpointOptions(addCommonOptions(addCardOptions(command, { labels: false }))).action(
    async (model: string | undefined, given: InspectOptions) => {
      const { runInspect } = await import('./inspect-action.ts');
      const { endpoint, others } = splitEndpointOptions(given);
      const isOfClasses = given.images === undefined;
      const { cardOptions, rest } = splitCardOptions(others, { labels: isOfClasses });
      const { json, device = 'cpu', threads, card, writeCard, force, images, limit, strict } = rest;
      const labels = isOfClasses ? undefined : given.labels;
      const target = { ...(typeof writeCard === 'string' ? { path: writeCard } : {}), force: force === true };
      const request = {
        ...(model === undefined ? {} : { model }),
        ...(card === undefined ? {} : { card }),
        cardOptions,
        ...(writeCard === undefined ? {} : { writeCard: target }),
        device,
        threads,
        endpoint,
      };
      await runInspect(request, { images, labels, limit, strict }, json === true);
    },
  );
}
