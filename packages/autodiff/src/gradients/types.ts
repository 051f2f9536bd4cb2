/** @file What a gradient rule is given and returns. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Node } from '../model/model.ts';

/** What a gradient rule is given: a node whose gradient is to be added. Inputs are counted from 0. */
export interface GradientContext {
  /** The graph with the forward pass, to which the backward pass is added. */
  readonly b: GraphBuilder;
  /** The node; its inputs and outputs are values of the graph. */
  readonly node: Node;
  /** The cotangent of each output: the name of a value of the output's shape; `undefined` if it is zero. */
  readonly cotangents: readonly (string | undefined)[];
  /** The cotangent of the first output, for operators that have only one. */
  readonly g: string;
  /** Whether the gradient of an input is needed. */
  wants(index: number): boolean;
  /** Throws a NoGradientError with the reason why this node has no gradient. */
  unsupported(why: string): never;
}

/**
 * Adds the gradient of one node to the graph, and gives that of each input: the name of a value of the input's shape;
 * `undefined` if it is zero or not needed.
 *
 * ```ts
 * // The straight-through estimator (Bengio et al. 2013): the step is taken to have the slope 1.
 * const straightThrough: GradientRule = ({ g }) => [g];
 * ```
 */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/** Gradient rules by operator type, with the domain in front where it is not standard ONNX (`my.domain.MyOp`). */
export type GradientRules = Readonly<Record<string, GradientRule>>;
