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

/** What a shape rule may ask about a node's inputs, which are counted from 0. */
export interface ShapeContext {
  /** The node. */
  readonly node: Node;
  /** Type and shape of an input. @throws OnnxError if the node has no such input */
  input(index: number): ValueType;
  /** Whether an optional input is given. */
  has(index: number): boolean;
  /** The integers in an input; `undefined` where they are not all known. */
  ints(index: number): readonly number[] | undefined;
  /** The integers in an input, with names for open lengths (`?` where unknown); `undefined` where nothing is known. */
  lengths(index: number): readonly Dim[] | undefined;
  /** A constant input; `undefined` where it is computed. */
  constant(index: number): TensorValue | undefined;
  /** Throws an error that names the node. */
  fail(what: string): never;
}

/**
 * Gives types and shapes of a node's outputs. One that is left out has the type and shape of the first.
 *
 * ```ts
 * const sameShape: ShapeRule = ({ input }) => [input(0)];
 * ```
 */
export type ShapeRule = (context: ShapeContext) => readonly ValueType[];

/** Shape rules by operator type, with the domain in front (`my.domain.MyOp`). */
export type ShapeRules = Readonly<Record<string, ShapeRule>>;
