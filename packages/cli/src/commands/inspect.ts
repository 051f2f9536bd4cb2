/** @file `pareidolia inspect`: its options. */

import { Command } from 'commander';
import type { InspectRequest } from '../model/inspect.ts';
import { addCommonOptions } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia inspect                                     the embedded network
  pareidolia inspect lenet.onnx
  pareidolia inspect squeezenet.onnx --card mine.json --json`;

interface InspectOptions {
  readonly card?: string;
  readonly device?: InspectRequest['device'];
  readonly threads: number;
  readonly json?: true;
}

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .argument('[model]', 'the network, an ONNX file (default: the embedded network)')
    .option('--card <file>', 'its model card (default: <model>.card.json, or what is known of the network)')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(async (model: string | undefined, options: InspectOptions) => {
    const { runInspect } = await import('./inspect-action.ts');
    const { json, device = 'cpu', threads, card } = options;
    const request = {
      ...(model === undefined ? {} : { model }),
      ...(card === undefined ? {} : { card }),
      device,
      threads,
    };
    await runInspect(request, json === true);
  });
}
