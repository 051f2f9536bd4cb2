/** @file Questions that are not about images. */

import { InputError, ServiceError } from '../../errors.ts';
import type { RemoteHost, RemoteResponse } from './exchange.ts';
import { isSuccess, parseBody, quoted } from './json.ts';
import type { RemoteSubject } from './protocol.ts';

/**
 * What a server says of its model.
 *
 * @param mayLack whether a server without metadata is possible
 * @returns `undefined` where it has none
 * @throws InputError where the server refuses
 */
export async function askMetadata(
  url: string,
  { where, host }: Pick<RemoteSubject, 'where' | 'host'>,
  mayLack = false,
): Promise<unknown> {
  const response = await host.send({ method: 'GET', url });
  if (mayLack && (response.status === 404 || response.status === 405)) return undefined;
  if (!isSuccess(response.status)) throw refusal(response, where, host, 'its metadata');
  return parseBody(response, where, host);
}

/** Statuses that do not depend on what was asked. */
const OF_THE_SERVICE: readonly number[] = [401, 403, 404, 429];

/** How a status that is no success is told; a {@link ServiceError} where other questions would go no better. */
export function refusal(
  { status, text }: RemoteResponse,
  where: string,
  host: Pick<RemoteHost, 'redact'>,
  what: string,
): InputError {
  const remedy =
    status === 401 || status === 403
      ? 'check the credentials'
      : status === 404
        ? 'check the address and the name of the model'
        : status === 413
          ? 'send fewer images in a request with --endpoint-batch'
          : status === 429
            ? 'ask less often with --rate'
            : status >= 500
              ? "look at the server's log"
              : 'check the card';
  const message = `${where} answers ${status} when asked for ${what}: ${quoted(text, host)}; ${remedy}`;
  return status >= 500 || OF_THE_SERVICE.includes(status) ? new ServiceError(message) : new InputError(message);
}
