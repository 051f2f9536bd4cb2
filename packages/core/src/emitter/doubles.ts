/** @file Double-precision numbers in the state of an emitter: as bytes, so that they come back bit for bit and small. */

import { InputError } from '../errors.ts';
import type { Recordable } from './recordable.ts';

/** The bytes of numbers, low byte first, as on every machine that has ONNX Runtime; a copy. */
export function packDoubles(values: Float64Array): Uint8Array {
  return new Uint8Array(values.slice().buffer);
}

/**
 * The counterpart of {@link packDoubles}.
 *
 * @param length how many there must be
 * @param owner whose state it is, for the error
 * @throws InputError where these are other bytes
 */
export function unpackDoubles(state: Recordable | undefined, length: number, owner: string): Float64Array {
  if (!(state instanceof Uint8Array) || state.length !== 8 * length) throw damagedState(owner);
  return new Float64Array(new Uint8Array(state).buffer);
}

/** The fields of a state. @throws InputError where it is no object */
export function fieldsOf(
  state: Recordable | undefined,
  owner: string,
): { readonly [name: string]: Recordable | undefined } {
  const isObject = typeof state === 'object' && state !== null && !Array.isArray(state) && !ArrayBuffer.isView(state);
  if (!isObject) throw damagedState(owner);
  return state as { readonly [name: string]: Recordable };
}

/** Says that a state is none of this search. */
export function damagedState(owner: string): InputError {
  return new InputError(`The state of the emitter ${owner} is damaged, or that of another search; start a new search`);
}
