/** @file An ONNX model as plain typed data. */

import type { DataType, TensorValue } from './tensor.ts';

/** An axis: its length, or the name of a length that is left open (`N`). */
export type Dim = number | string;

/** A value that enters or leaves the graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: DataType;
  /** `undefined` where the file says nothing; an open axis without a name is `?`. */
  readonly shape: readonly Dim[] | undefined;
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: TensorValue }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  /** A branch of If. */
  | { readonly kind: 'graph'; readonly value: Graph };

/** One operator at work. */
export interface Node {
  /** Unique within the graph. */
  readonly name: string;
  /** With its domain in front where it is not standard ONNX: `com.microsoft.FusedConv`. */
  readonly opType: string;
  /** Names of values; empty for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Graph {
  readonly name: string;
  /** Without initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** In an order in which each value is made before it is used. */
  readonly nodes: readonly Node[];
  /** Constants: weights, shapes. */
  readonly initializers: ReadonlyMap<string, TensorValue>;
}

export interface Model {
  readonly opset: number;
  readonly producer: string;
  readonly graph: Graph;
}
