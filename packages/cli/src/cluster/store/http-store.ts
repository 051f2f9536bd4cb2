/**
 * @file Objects behind an HTTP(S) address, `<address>/<SHA-256>`: read by GET, written by PUT, as object stores with the interface of
 * S3, WebDAV and nginx take it. Requests are signed (AWS Signature Version 4) where `AWS_ACCESS_KEY_ID` is set, and have a bearer
 * token where `PAREIDOLIA_STORE_TOKEN` is.
 */

import { InputError } from '@pareidolia/core';
import { AwsClient } from 'aws4fetch';
import { type ObjectStore, requireHash, requireRoomFor } from './store.ts';

/** Milliseconds that a request may take to be answered. */
const PATIENCE = 120_000;

export class HttpStore implements ObjectStore {
  readonly where: string;
  readonly most = 2 ** 31 - 1;
  readonly #base: string;
  readonly #ask: (url: string, init: RequestInit) => Promise<Response>;

  /**
   * @param environment where secrets are
   * @throws InputError where it is no address
   */
  constructor(address: string, environment: Readonly<Record<string, string | undefined>>) {
    let url: URL;
    try {
      url = new URL(address);
    } catch (cause) {
      throw new InputError('--store is no address; give a folder, or an address such as https://host/bucket', {
        cause,
      });
    }
    if (url.username !== '' || url.password !== '') {
      throw new InputError(
        '--store has a password in its address; set PAREIDOLIA_STORE_TOKEN or AWS_ACCESS_KEY_ID instead',
      );
    }
    if (url.search !== '') {
      throw new InputError(
        '--store has a query (?...), and one that is signed is for one object, where there are many; give the address without it, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or PAREIDOLIA_STORE_TOKEN',
      );
    }
    this.where = `${url.origin}${url.pathname}`.replace(/\/$/, '');
    this.#base = this.where;
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, PAREIDOLIA_STORE_TOKEN: token } = environment;
    if (id !== undefined && secret !== undefined) {
      const { AWS_SESSION_TOKEN: session, AWS_REGION: region = 'us-east-1' } = environment;
      const client = new AwsClient({
        accessKeyId: id,
        secretAccessKey: secret,
        service: 's3',
        region,
        retries: 3,
        ...(session === undefined ? {} : { sessionToken: session }),
      });
      this.#ask = (target, init) => client.fetch(target, init);
    } else {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      this.#ask = (target, init) => fetch(target, { ...init, headers, redirect: 'error' });
    }
  }

  async get(hash: string): Promise<Uint8Array | undefined> {
    const answer = await this.#request(hash, { method: 'GET' });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw this.#refused(answer.status, 'read');
    const bytes = await readLimited(answer, this.most);
    if (bytes === undefined) throw new InputError(`${this.where} sends more than 2 GiB for ${hash.slice(0, 12)}...`);
    return requireHash(bytes, hash, this.where);
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    requireRoomFor(bytes.length, this);
    const known = await this.#request(hash, { method: 'HEAD' });
    if (known.ok) return;
    const answer = await this.#request(hash, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> });
    if (!answer.ok) throw this.#refused(answer.status, 'written');
  }

  async #request(hash: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#ask(`${this.#base}/${hash}`, { ...init, signal: AbortSignal.timeout(PATIENCE) });
    } catch (cause) {
      const { code = (cause as Error).name } = ((cause as Error).cause ?? {}) as NodeJS.ErrnoException;
      throw new StoreTroubleError(`${this.where} does not answer (${code}); check the address and the network`, {
        cause,
      });
    }
  }

  #refused(status: number, what: string): StoreTroubleError {
    const remedy = status === 401 || status === 403 ? 'check its credentials' : 'check the address';
    return new StoreTroubleError(`${this.where} answers ${status}, so nothing can be ${what} there; ${remedy}`);
  }
}

/** A store that cannot be reached now; another time, or from another machine, it may be. */
export class StoreTroubleError extends InputError {
  override name = 'StoreTroubleError';
}

/** The body of an answer; `undefined` where it is longer than that. */
export async function readLimited(answer: Response, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
