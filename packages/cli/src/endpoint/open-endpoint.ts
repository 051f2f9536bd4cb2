/** @file Opens an endpoint as a classifier: address, card, secrets of the environment, the way to it and what it has said. */

import { join } from 'node:path';
import { type ModelCard, QueryBudgetError, RemoteClassifier } from '@pareidolia/core';
import { encodePng } from '../image/png.ts';
import { sha256 } from '../job/hash.ts';
import { VERSION } from '../version.ts';
import { type EndpointAddress, type Environment, expand, redact } from './address.ts';
import { ENDPOINT_DEFAULTS, type EndpointOptions } from './options.ts';
import { QUERIES_FILE, QueryJournal } from './query-journal.ts';
import { Transport } from './transport.ts';
import { usageSentence } from './usage.ts';

/** How an endpoint is opened. */
export interface OpenEndpoint {
  readonly address: EndpointAddress;
  readonly card: ModelCard;
  readonly options: EndpointOptions;
  readonly environment: Environment;
  /** What the user should know already; each a sentence without a full stop. */
  readonly notices?: readonly string[];
  /** The folder of the job that goes on, where one does. */
  readonly folder?: string;
}

/** An endpoint, and the account of it. */
export interface Endpoint {
  readonly classifier: RemoteClassifier;
  /** Identifies the model: its address without secrets, and what the server says of it. */
  readonly sha256: string;
  readonly account: EndpointAccount;
}

/** What has been asked, and where it is kept. */
export interface EndpointAccount {
  /** Keeps all answers in a run folder from now on. */
  keepIn(folder: string, onAdd: () => void): void;
  /** What was asked over all sittings: a sentence without a full stop. */
  sentence(): string;
  /** What was sent in this sitting: a sentence without a full stop. */
  sitting(): string;
  close(): void;
}

/**
 * @throws InputError where the server cannot be reached, refuses, or is no classifier of images; QueryBudgetError
 */
export async function openEndpoint({
  address,
  card,
  options,
  environment,
  folder,
  notices = [],
}: OpenEndpoint): Promise<Endpoint> {
  const { url, where, authorization } = address;
  const secrets = [...address.secrets];
  const { concurrency, timeout, retries } = { ...ENDPOINT_DEFAULTS, ...options };
  const { rate, queryBudget, endpointBatch } = options;
  const transport = new Transport({
    where,
    authorization,
    userAgent: `pareidolia/${VERSION}`,
    timeout: 1000 * timeout,
    concurrency,
    retries,
    ...(rate === undefined ? {} : { rate }),
  });
  const journal = new QueryJournal();
  if (folder !== undefined) journal.recall(join(folder, QUERIES_FILE));
  // What is under way counts as spent.
  let spent = journal.answered;
  const classifier = await RemoteClassifier.open({
    url,
    where,
    card,
    notices,
    memory: journal,
    ...(endpointBatch === undefined ? {} : { batch: endpointBatch }),
    spend: (images) => {
      if (queryBudget !== undefined && spent + images > queryBudget) {
        throw new QueryBudgetError(
          `${where} may be asked about ${queryBudget} images, and ${spent} were; go on with --resume and a larger --query-budget`,
        );
      }
      spent += images;
    },
    host: {
      send: (request) => transport.send(request),
      png: encodePng,
      hash: (bytes) => sha256(bytes),
      expand: (text) =>
        expand(text, environment, (value) => {
          secrets.push(value);
        }),
      redact: (text) => redact(text, secrets),
      concurrency,
    },
  });
  return {
    classifier,
    sha256: sha256(JSON.stringify([where, classifier.protocol, classifier.metadata])),
    account: {
      keepIn: (path, onAdd) => journal.keepIn(join(path, QUERIES_FILE), onAdd),
      sentence: () => usageSentence(where, journal, options),
      sitting: () => {
        const { requests, repeated } = transport;
        return `${requests} requests in this sitting${repeated === 0 ? '' : `, ${repeated} of them repeated`}`;
      },
      close: () => journal.close(),
    },
  };
}
