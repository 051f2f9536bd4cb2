/** @file How a service is asked: what the user can set. */

import { InputError } from '@pareidolia/core';

/** All may be left out. */
export interface EndpointOptions {
  /** Images in one request, at most. */
  readonly endpointBatch?: number;
  /** Requests under way at the same time, at most. */
  readonly concurrency?: number;
  /** Requests in a second, at most; any number when absent. */
  readonly rate?: number;
  /** Seconds that a request may take. */
  readonly timeout?: number;
  /** How often a request is repeated that failed for the moment. */
  readonly retries?: number;
  /** Images that the service is asked about, at most, over all sittings of a job. */
  readonly queryBudget?: number;
  /** What a thousand images cost, in any currency. */
  readonly cost?: number;
}

export const ENDPOINT_DEFAULTS = { concurrency: 4, timeout: 60, retries: 5 } as const;

/**
 * Makes sure that a model that is a file is given no options of endpoints.
 *
 * @throws InputError where it is
 */
export function requireNone(options: EndpointOptions = {}): void {
  const [stray] = Object.keys(options);
  if (stray === undefined) return;
  const name = stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new InputError(`--${name} is for endpoints, and the model is a file; leave it out, or give --model an address`);
}
