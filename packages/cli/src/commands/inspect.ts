/** @file `pareidolia inspect`: its options. */

import { Command } from 'commander';
import type { CardOptions } from '../model/card-options.ts';
import type { InspectRequest } from '../model/inspect.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addCommonOptions } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia inspect                                     the embedded network
  pareidolia inspect lenet.onnx
  pareidolia inspect squeezenet.onnx --card mine.json --json
  pareidolia inspect mine.onnx --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --labels names.txt --write-card`;

interface InspectOptions extends CardOptions {
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
    .argument('[model]', 'the network, an ONNX file (default: the embedded network)')
    .option('--write-card [file]', 'write the card that is used, to be edited (default: <model>.card.json)')
    .option('--force', 'replace an existing card')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(addCardOptions(command)).action(async (model: string | undefined, given: InspectOptions) => {
    const { runInspect } = await import('./inspect-action.ts');
    const { cardOptions, rest } = splitCardOptions(given);
    const { json, device = 'cpu', threads, card, writeCard, force } = rest;
    const target = { ...(typeof writeCard === 'string' ? { path: writeCard } : {}), force: force === true };
    const request = {
      ...(model === undefined ? {} : { model }),
      ...(card === undefined ? {} : { card }),
      cardOptions,
      ...(writeCard === undefined ? {} : { writeCard: target }),
      device,
      threads,
    };
    await runInspect(request, json === true);
  });
}
