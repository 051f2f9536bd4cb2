/** @file `pareidolia score`: its options and help. */

import { Command } from 'commander';
import type { EndpointOptions } from '../endpoint/options.ts';
import type { ScoreRequest } from '../score/score.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addEndpointOptions, ENDPOINT_HELP, MODEL, splitEndpointOptions } from './endpoint-options.ts';
import { addCommonOptions, addImageOptions, addReportOption, givenOptions, wholeNumber } from './options.ts';

const EXAMPLES = `
Pictures are scaled and cropped as the model card's field resize says. Their right classes come from --labels (lines of
file,class), or from the names of their folders. Without, only what the network decides for is told. What cannot be read, or
lies in a folder that names no class while others do, is left out and named.

Where the model card does not say how pixels become inputs, or the accuracy is low, the usual preprocessings are tried on some
of the labelled images (--trial). What fits is told, with McNemar's test; nothing is changed by it.

Examples:
  pareidolia score                                       the embedded network on its digits
  pareidolia score squeezenet1.1.onnx --images photos/ --out scores/
  pareidolia score lenet.onnx --data mnist --json
  pareidolia score https://host/v2/models/lenet --data mnist --limit 500 --cost 1.5
  pareidolia score model.onnx --images photos/ --labels photos.csv --trial 400`;

interface ScoreOptions extends Omit<ScoreRequest, 'model' | 'endpoint'>, EndpointOptions {
  readonly json: true;
}

export function scoreCommand(): Command {
  const command = new Command('score').argument('[model]', `the network: ${MODEL} (default: the embedded network)`);
  addImageOptions(command, 'only the first so many images')
    .option(
      '--trial <n>',
      'labelled images that preprocessings are tried on, 0 for none (default: up to 200)',
      wholeNumber(0),
    )
    .option('--seed <n>', 'seed of the digits that are drawn, and of the images of the trial', wholeNumber(0), 1)
    .option('--out <folder>', 'where report.html, summary.json and scores.csv go (default: nowhere)')
    .option('--probabilities', 'write the scores of all classes into scores.csv')
    .addHelpText('after', `${ENDPOINT_HELP}\n${EXAMPLES}`);
  return addEndpointOptions(addReportOption(addCommonOptions(addCardOptions(command, { labels: false })))).action(
    async (model: string | undefined) => {
      const { runScore } = await import('./score-action.ts');
      const { json } = givenOptions<ScoreOptions>(command);
      const { endpoint, others } = splitEndpointOptions(command.opts<ScoreOptions>());
      const { cardOptions, rest } = splitCardOptions(others, { labels: false });
      await runScore({ ...rest, cardOptions, endpoint, model, device: rest.device ?? 'cpu' }, json === true);
    },
  );
}
