/** @file What a shape rule is given and returns. */

import type { Dim, Node } from '../model/model.ts';
import type { DataType, TensorValue } from '../model/tensor.ts';

/** Type and shape of a value. */
export interface ValueType {
  /** Element type. */
  readonly type: DataType;
  /** One entry per axis: its length, or the name of an open length (`?` where it is unknown). */
  readonly shape: readonly Dim[];
}

/** What a rule may ask about the node's inputs. */
export interface ShapeContext {
  readonly node: Node;
  /** @throws OnnxError where the node has no such input */
  input(index: number): ValueType;
  /** Whether an optional input is given. */
  has(index: number): boolean;
  /** The whole numbers in a constant input; `undefined` where it is computed. */
  ints(index: number): readonly number[] | undefined;
  /** The same with open lengths by their names (`?` where unknown); `undefined` where nothing is known. */
  lengths(index: number): readonly Dim[] | undefined;
  /** A constant input as it is. */
  constant(index: number): TensorValue | undefined;
  /** Ends with an error that names the node. */
  fail(what: string): never;
}

/** The outputs' types and shapes. */
export type ShapeRule = (context: ShapeContext) => readonly ValueType[];
