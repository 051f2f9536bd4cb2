/** @file All protocols. A new one is a file, and a line here. */

import { InputError } from '../../errors.ts';
import type { ModelCard } from '../card.ts';
import { pathOf } from './address.ts';
import { httpEndpoint } from './http-endpoint.ts';
import { openInference } from './open-inference.ts';
import type { RemoteProtocol } from './protocol.ts';
import { tensorflowServing } from './tensorflow-serving.ts';

/** The first that speaks at an address is taken: what the card describes goes before what the address looks like. */
export const PROTOCOLS: readonly RemoteProtocol[] = [httpEndpoint, openInference, tensorflowServing];

/**
 * The protocol that is spoken at an address.
 *
 * @param where the address without secrets
 * @throws InputError where it looks like none, and the card describes none
 */
export function protocolAt(url: string, card: ModelCard, where: string): RemoteProtocol {
  const path = pathOf(url);
  const found = PROTOCOLS.find((protocol) => protocol.speaks(path, card));
  if (found !== undefined) return found;
  throw new InputError(
    `${where} looks like no protocol that is known (.../v2/models/NAME, .../v1/models/NAME:predict); describe its requests in the field endpoint of a card, and give that with --card`,
  );
}
