/** @file `pareidolia inspect`: its options. */

import { Command } from 'commander';
import type { EndpointOptions } from '../endpoint/options.ts';
import type { InspectRequest } from '../model/inspect.ts';
import type { ScoreRequest } from '../score/score.ts';
import { addEndpointOptions, ENDPOINT_HELP, MODEL, splitEndpointOptions } from './endpoint-options.ts';
import { addCommonOptions, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia inspect                                     the embedded network
  pareidolia inspect lenet.onnx
  pareidolia inspect squeezenet.onnx --card mine.json --json
  pareidolia inspect https://host/v2/models/squeezenet --card mine.json
  pareidolia inspect squeezenet.onnx --images photos/    and how well it does on labelled images, as pareidolia score`;

interface InspectOptions extends Pick<ScoreRequest, 'images' | 'labels' | 'limit' | 'strict'>, EndpointOptions {
  readonly card?: string;
  readonly device?: InspectRequest['device'];
  readonly threads: number;
  readonly json?: true;
}

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .argument('[model]', `the network: ${MODEL} (default: the embedded network)`)
    .option('--card <file>', 'its model card (default: <model>.card.json, or what is known of the network)')
    .option('--images <folder>', 'score these pictures, too: a folder with its subfolders, or one file')
    .option('--labels <file>', 'the right class of each picture, lines of file,class')
    .option(
      '--strict',
      'end at a picture that cannot be read, or whose folder names no class, instead of leaving it out',
    )
    .option('--limit <n>', 'only the first so many pictures', wholeNumber(1))
    .addHelpText('after', `${ENDPOINT_HELP}\n${EXAMPLES}`);
  return addEndpointOptions(addCommonOptions(command)).action(
    async (model: string | undefined, options: InspectOptions) => {
      const { runInspect } = await import('./inspect-action.ts');
      const { endpoint, others } = splitEndpointOptions(options);
      const { json, device = 'cpu', threads, card, images, labels, limit, strict } = others;
      const request = {
        ...(model === undefined ? {} : { model }),
        ...(card === undefined ? {} : { card }),
        device,
        threads,
        endpoint,
      };
      await runInspect(request, { images, labels, limit, strict }, json === true);
    },
  );
}
