/** @file The options of commands whose model may be an endpoint. */

import type { Command } from 'commander';
import { ENDPOINT_DEFAULTS, type EndpointOptions } from '../endpoint/options.ts';
import { numberBetween, wholeNumber } from './options.ts';

/** What `--model` may be. */
export const MODEL = 'an ONNX file, digits or things (embedded), or the address of an endpoint (https://...)';

/** What help says of endpoints. */
export const ENDPOINT_HELP = `
Endpoints: --model https://host/v2/models/NAME (Open Inference Protocol: KServe, Triton, MLServer, OpenVINO), or
.../v1/models/NAME:predict (TensorFlow Serving), or any address that the card's field endpoint describes. \${NAME} in an address or
a card is a variable of the environment. Addresses are stored without secrets, and options of endpoints are not stored: give them
again with --resume. See docs/endpoints.md.`;

/** Adds the options. */
export function addEndpointOptions(command: Command): Command {
  const { concurrency, timeout, retries } = ENDPOINT_DEFAULTS;
  return command
    .option(
      '--endpoint-batch <n>',
      'images in one request to an endpoint, at most (default: 32)',
      wholeNumber(1, 10_000),
    )
    .option('--concurrency <n>', `requests at the same time, at most (default: ${concurrency})`, wholeNumber(1, 256))
    .option('--rate <n>', 'requests in a second, at most (default: as many as it takes)', positive)
    .option('--timeout <seconds>', `how long a request may take (default: ${timeout})`, positive)
    .option(
      '--retries <n>',
      `repetitions where an endpoint is busy or breaks off (default: ${retries})`,
      wholeNumber(0, 100),
    )
    .option('--query-budget <n>', 'images that an endpoint is asked about, at most', wholeNumber(1))
    .option('--cost <n>', 'what a thousand images cost, for the account', numberBetween(0, Number.POSITIVE_INFINITY));
}

const positive = numberBetween(1e-3, 1e6);

/** The options of endpoints, apart from the others. */
export function splitEndpointOptions<Options extends EndpointOptions>(
  options: Options,
): { readonly endpoint: EndpointOptions; readonly others: Omit<Options, keyof EndpointOptions> } {
  const { endpointBatch, concurrency, rate, timeout, retries, queryBudget, cost, ...others } = options;
  const named = { endpointBatch, concurrency, rate, timeout, retries, queryBudget, cost };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return { endpoint: Object.fromEntries(given), others };
}
