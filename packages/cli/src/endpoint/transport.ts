/** @file The way to one server: so many requests at a time, so many in a second, and again where one fails for the moment. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type RemoteRequest, type RemoteResponse, ServiceError } from '@pareidolia/core';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import { type AttemptOptions, attempt, BrokenExchange, BusyResponse } from './attempt.ts';

export interface TransportOptions extends AttemptOptions {
  readonly concurrency: number;
  /** Requests in a second; any number when absent. */
  readonly rate?: number;
  readonly retries: number;
  /** Milliseconds before the first repetition, which double with each further one. */
  readonly backoff?: number;
}

const BACKOFF = 500;
const LONGEST_BACKOFF = 60_000;

/** Sends requests to one server. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #queue: PQueue;
  #hasAnswered = false;
  #pausedUntil = 0;
  /** Requests that were sent, repetitions included. */
  requests = 0;
  /** Requests that were repeated. */
  repeated = 0;

  constructor(options: TransportOptions) {
    const { concurrency, rate } = options;
    this.#options = options;
    this.#queue = new PQueue({
      concurrency,
      ...(rate === undefined ? {} : { interval: 1000 / rate, intervalCap: 1 }),
    });
  }

  /**
   * Sends a request, again with growing pauses where the server is busy (as long as it asks for) or the connection breaks.
   *
   * @throws ServiceError where no whole response comes in all attempts
   */
  async send(request: RemoteRequest): Promise<RemoteResponse> {
    const { retries, backoff = BACKOFF, where } = this.#options;
    let attempts = 0;
    try {
      return await pRetry(() => this.#queue.add(() => this.#attempt(request, attempts++ > 0)), {
        retries,
        minTimeout: backoff,
        maxTimeout: LONGEST_BACKOFF,
        factor: 2,
        randomize: true,
        shouldRetry: ({ error }) =>
          error instanceof BusyResponse ||
          (error instanceof BrokenExchange && (this.#hasAnswered || !error.isUnreachable)),
      });
    } catch (error) {
      if (error instanceof BusyResponse) return error.response;
      if (!(error instanceof BrokenExchange)) throw error;
      const often = attempts > 1 ? `, in ${attempts} attempts` : '';
      throw new ServiceError(`${where} ${error.message}${often}; check the address and whether the server runs`, {
        cause: error,
      });
    }
  }

  async #attempt(request: RemoteRequest, isAgain: boolean): Promise<RemoteResponse> {
    const wait = this.#pausedUntil - Date.now();
    if (wait > 0) await sleep(wait);
    this.requests++;
    if (isAgain) this.repeated++;
    try {
      const response = await attempt(request, this.#options);
      this.#hasAnswered = true;
      return response;
    } catch (error) {
      // What a server asks of one request holds for all.
      if (error instanceof BusyResponse) this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + error.wait);
      throw error;
    }
  }
}
