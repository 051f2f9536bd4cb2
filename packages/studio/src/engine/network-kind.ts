/** @file Whether a network that a page has brought scores images, or makes them. */

import { readModel } from '@pareidolia/autodiff';
import { InputError, makesImages } from '@pareidolia/core';

/** A network of a kind, and why it is taken for one: a phrase. */
export type NetworkKind = { readonly kind: 'classifier' } | { readonly kind: 'generator'; readonly why: string };

/**
 * What a network is: what its card says; else a generator where its graph shows that it makes images of a row of numbers, and a
 * classifier where it does not.
 *
 * @param card as it was written, if there is one
 * @throws InputError where the card is of something that has no place here
 */
export function kindOfNetwork(name: string, bytes: Uint8Array, card: unknown): NetworkKind {
  const said = typeof card === 'object' && card !== null && 'kind' in card ? card.kind : undefined;
  if (said === 'generator') return { kind: 'generator', why: 'its card says so' };
  if (said !== undefined) {
    throw new InputError(
      `${name} is ${typeof said === 'string' ? `a ${said}` : 'of an unknown kind'} by its card, which has no place here; bring an image classifier, or a generator`,
    );
  }
  const why = evidenceOf(bytes);
  return why === undefined ? { kind: 'classifier' } : { kind: 'generator', why };
}

/** Why a file cannot be read is told when it is loaded. */
function evidenceOf(bytes: Uint8Array): string | undefined {
  try {
    return makesImages(readModel(bytes));
  } catch {
    return undefined;
  }
}
