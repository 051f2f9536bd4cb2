/**
 * @file An ONNX model as plain, immutable, typed data: the part of ModelProto (onnx.proto, IR version 8) that is used.
 */

import type { DataType, TensorValue } from './tensor.ts';

/**
 * The length of an axis, or the name of a length that is left open (`N`, ONNX's `dim_param`); `?` where it is unknown.
 */
export type Dim = number | string;

/** Name, type and shape of an input or output of the graph (ONNX's ValueInfoProto). */
export interface ValueInfo {
  /** Name of the value; unique among the inputs, and among the outputs. */
  readonly name: string;
  /** Element type. */
  readonly type: DataType;
  /** One entry per axis; `undefined` where the file does not give a shape. */
  readonly shape: readonly Dim[] | undefined;
  /** What the value is, in ONNX's words (`IMAGE`, `TENSOR`, ...); absent where the file does not say. */
  readonly denotation?: string;
}

/** The type of an attribute's value, by its kind. */
export interface AttributeValues {
  /** A float32 number. */
  readonly float: number;
  /** A 64-bit integer, as far as a `number` represents it exactly. */
  readonly int: number;
  /** UTF-8 text. */
  readonly string: string;
  /** A constant. */
  readonly tensor: TensorValue;
  /** float32 numbers. */
  readonly floats: readonly number[];
  /** 64-bit integers, as far as a `number` represents them exactly. */
  readonly ints: readonly number[];
  /** UTF-8 texts. */
  readonly strings: readonly string[];
  /** A branch of `If`, or the body of `Loop` or `Scan`. */
  readonly graph: Graph;
}

/**
 * An attribute of a node (ONNX's AttributeProto): its kind, and a value of the type that {@link AttributeValues} says.
 */
export type Attribute = {
  [Kind in keyof AttributeValues]: {
    /** Says which type the value has. */
    readonly kind: Kind;
    /** The value. */
    readonly value: AttributeValues[Kind];
  };
}[keyof AttributeValues];

/** One operation of the graph (ONNX's NodeProto). */
export interface Node {
  /** Unique within the graph. */
  readonly name: string;
  /** Operator type, with its domain in front where it is not standard ONNX (`com.microsoft.FusedConv`). */
  readonly opType: string;
  /** Names of values; empty for an optional input that is left out. */
  readonly inputs: readonly string[];
  /** Names of the values that the node computes; empty for an optional output that is left out. */
  readonly outputs: readonly string[];
  /** Attributes by name; one that is left out has the operator's default. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** The computation (ONNX's GraphProto). Values are identified by name. */
export interface Graph {
  /** For display. */
  readonly name: string;
  /** What has to be fed; initializers are not listed here, unlike in old ONNX files. */
  readonly inputs: readonly ValueInfo[];
  /** What comes out; at least one. */
  readonly outputs: readonly ValueInfo[];
  /** In topological order: every value is computed before it is used. */
  readonly nodes: readonly Node[];
  /** Constants by name: weights, shapes, axes. */
  readonly initializers: ReadonlyMap<string, TensorValue>;
  /** Types and shapes of values in between, where they do not follow from the operators. They are not written to files. */
  readonly described?: readonly ValueInfo[];
}

/** An ONNX model. */
export interface Model {
  /** Version of the standard operators (domain `ai.onnx`) that the graph is written in. */
  readonly opset: number;
  /** The program that wrote the model. */
  readonly producer: string;
  /**
   * What the file says about itself (ONNX's `metadata_props`): `Image.NominalPixelRange`, `names`, ... by key; the last value where
   * a key is there twice. Absent where it says nothing.
   */
  readonly metadata?: ReadonlyMap<string, string>;
  /** The computation. */
  readonly graph: Graph;
}
