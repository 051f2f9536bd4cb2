/** @file What the table says of an operator. */

import type { AttributeValues } from '../../model/model.ts';
import type { InputRange, Range } from './ranges.ts';

/**
 * How an operator treats the axes of its inputs.
 *
 * - `unary`: element by element; the output has the type and shape of the first input, further inputs are parameters
 * - `broadcasting`: element by element; inputs are broadcast, the output has the type of the first
 * - `comparison`: the same, but the output is `bool`
 * - `elementwise`: element by element; type or shape of the output follow a rule of their own
 * - `images`: the first input is images, [batch, channels, ...], each of which is treated by itself
 * - `alongAxis`: along the axis that the attribute `axis` names
 * - `fromAxis`: over all axes from the attribute `axis` on, by default the last one
 * - `reduction`: over the axes in the second input
 */
export type Family =
  | 'unary'
  | 'broadcasting'
  | 'comparison'
  | 'elementwise'
  | 'images'
  | 'alongAxis'
  | 'fromAxis'
  | 'reduction';

/** The kind of an attribute. A `type` is an integer, too: ONNX's number of an element type. */
export type AttributeKind = keyof AttributeValues | 'type';

/** Names of attributes by their kind, separated by spaces. */
export type AttributeNames = { readonly [Kind in AttributeKind]?: string };

/** An attribute that is a bound, and its value where it is left out. */
export interface Bound {
  readonly name: string;
  readonly usual: number;
}

/** Facts about an operator; its attributes are those of opset 18 and newer. */
export interface Operator extends AttributeNames {
  /** The opset (of its domain) that introduced it, in whatever form. */
  readonly since: number;
  /** The last opset that has it. */
  readonly until?: number;
  /** The last opset for which ONNX Runtime 1.30 has a kernel for the CPU. */
  readonly runtimeUntil?: number;
  readonly family?: Family;
  /** The default of the attribute `axis`, for the family `alongAxis`. */
  readonly axis?: number;
  /** The first output has the type and shape of the first input, as in the family `unary`. */
  readonly keepsShape?: true;
  /** The output has the elements of the first input, in the same order. */
  readonly keepsElements?: true;
  /** A reduction that leaves a single element as it is. */
  readonly keepsOne?: true;
  /** The outputs do not change under small changes of the inputs: the derivative is zero wherever it exists. */
  readonly flat?: true;
  /** Of our own domain: a step of a gradient that a lowering replaces. Models do not contain it. */
  readonly composite?: true;
  /** Computes with quantized numbers. */
  readonly quantized?: true;
  /** Places of float inputs that shapes and gradients need as constants, if their value is known. */
  readonly settings?: readonly number[];
  /** Ranges of its attributes, where they are not those that all attributes of the name have. */
  readonly ranges?: Readonly<Record<string, Range>>;
  /** Two attributes that are bounds, the lower one first, each with the value that it has where it is left out. */
  readonly order?: readonly [Bound, Bound];
  /** What its inputs may hold, by their place. */
  readonly inputs?: Readonly<Record<number, InputRange>>;
  /** Attributes that opsets 7 to 17 had beside those, before they became inputs or were dropped. */
  readonly before18?: AttributeNames;
}

/** The attributes of sliding windows. */
export const WINDOWS = { string: 'auto_pad', ints: 'dilations kernel_shape pads strides' } as const;
