/** @file What a folding rule is given and returns. */

import { type Entries, type Entry, MOST_ENTRIES } from '../model/entries.ts';
import type { Node } from '../model/model.ts';
import { type DataType, elementCount } from '../model/tensor.ts';
import { MOST_AXES } from '../operators/check.ts';

/** Most elements of a result, while a rule is evaluated. */
let most = MOST_ENTRIES;

/** Evaluates a rule whose results have at most so many elements. */
export function within<T>(elements: number, rule: () => T): T {
  const before = most;
  most = Math.min(MOST_ENTRIES, elements);
  try {
    return rule();
  } finally {
    most = before;
  }
}

/** What a folding rule may ask about the node. */
export interface FoldContext {
  readonly node: Node;
  /** The known elements of an input. @throws Unfoldable if there is no such input */
  input(index: number): Entries;
  /** Whether an optional input is given. */
  has(index: number): boolean;
  /** The numbers in an input. @throws Unfoldable unless all of them are known */
  numbers(index: number): readonly number[];
}

/** Gives the outputs, as far as they are known. @throws Unfoldable to leave the node to the runtime */
export type FoldRule = (context: FoldContext) => readonly Entries[];

/**
 * Thrown by a rule to leave the node to the runtime: inputs that are not known, results that are too large, bad models.
 */
export class Unfoldable extends Error {
  override name = 'Unfoldable';
}

/**
 * Rearranges elements.
 *
 * @param at maps an index in the result to an index in the source (both row-major)
 */
export function arranged(source: Entries, dims: readonly number[], at: (place: number) => number): Entries {
  return made(source.type, dims, (place) => source.data[at(place)]);
}

/** A tensor from its elements by row-major index. @throws Unfoldable if it is too large or an element is missing */
export function made(type: DataType, dims: readonly number[], entry: (place: number) => Entry | undefined): Entries {
  const count = elementCount(dims);
  if (dims.length > MOST_AXES || !(count <= most) || dims.some((dim) => !Number.isInteger(dim) || dim < 0))
    throw new Unfoldable();
  const data = Array.from({ length: count }, (_, place) => {
    const value = entry(place);
    if (value === undefined) throw new Unfoldable();
    if (typeof value === 'string' || type.startsWith('float')) return value;
    // A fraction comes from operands of different types, which is not valid ONNX; integers have no -0.
    if (!Number.isInteger(value)) throw new Unfoldable();
    return value === 0 ? 0 : value;
  });
  return { type, dims, data };
}

/** Row-major strides. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

/** The index along each axis of an element, from its row-major index. */
export function placeOf(index: number, dims: readonly number[]): number[] {
  const place = new Array<number>(dims.length);
  let rest = index;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    place[axis] = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
  }
  return place;
}
