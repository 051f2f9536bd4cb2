/** @file What a folding rule sees and returns. */

import { type Entries, type Entry, MOST_ENTRIES } from '../model/entries.ts';
import type { Node } from '../model/model.ts';
import { type DataType, elementCount } from '../model/tensor.ts';

/** What a folding rule sees of the node. */
export interface FoldContext {
  readonly node: Node;
  /** An input. @throws Unfoldable where there is none */
  input(index: number): Entries;
  /** Whether an optional input is given. */
  has(index: number): boolean;
  /** The numbers in an input. @throws Unfoldable where they are not all known */
  numbers(index: number): readonly number[];
}

/** The outputs, as far as they are known. @throws Unfoldable where the node is left to the runtime */
export type FoldRule = (context: FoldContext) => readonly Entries[];

/** Thrown by a rule to leave the node to the runtime: inputs that are not known, results that are too large, bad models. */
export class Unfoldable extends Error {
  override name = 'Unfoldable';
}

/**
 * Elements of a source, in a new arrangement.
 *
 * @param at the place in the source of each element of the result, by its place in the result
 */
export function arranged(source: Entries, dims: readonly number[], at: (place: number) => number): Entries {
  return made(source.type, dims, (place) => source.data[at(place)]);
}

/** @throws Unfoldable where it would be too large or have holes */
export function made(type: DataType, dims: readonly number[], entry: (place: number) => Entry | undefined): Entries {
  const count = elementCount(dims);
  if (!(count <= MOST_ENTRIES) || dims.some((dim) => !Number.isInteger(dim) || dim < 0)) throw new Unfoldable();
  const data = Array.from({ length: count }, (_, place) => {
    const value = entry(place);
    if (value === undefined) throw new Unfoldable();
    if (typeof value === 'string' || type.startsWith('float')) return value;
    // Where operands of unlike types were brought together; and whole numbers have no minus zero.
    if (!Number.isInteger(value)) throw new Unfoldable();
    return value === 0 ? 0 : value;
  });
  return { type, dims, data };
}

/** How far elements lie apart along each axis. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

/** The place along each axis of an element. */
export function placeOf(index: number, dims: readonly number[]): number[] {
  const place = new Array<number>(dims.length);
  let rest = index;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    place[axis] = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
  }
  return place;
}
