/** @file What a gradient rule sees and says. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Node } from '../model/model.ts';
import type { MergedPhases } from './phases.ts';

/** A node on the way back. */
export interface GradientContext {
  /** The graph that holds the forward pass and takes the backward one. */
  readonly b: GraphBuilder;
  readonly node: Node;
  /** The cotangent of each output: the name of a value of the output's shape; `undefined` where none arrives. */
  readonly cotangents: readonly (string | undefined)[];
  /** The cotangent of the first output, for the many operators that have but one. */
  readonly g: string;
  /**
   * Cotangents that are zero already wherever the value they belong to is: a ReLU that made the value has nothing left to
   * mask. Rules that know this of a cotangent add its name.
   */
  readonly masked: Set<string>;
  /** Cotangents that were put together from phases: a rule that can take the phases themselves saves the way. */
  readonly mergedPhases: Map<string, MergedPhases>;
  /** The values whose gradients were asked for; on the way to them nothing may be masked early. */
  readonly asked: ReadonlySet<string>;
  /** Whether the gradient of an input is wanted. */
  wants(index: number): boolean;
  /** Ends with the reason why this node has no gradient. */
  unsupported(why: string): never;
}

/** The gradient of each input: the name of a value of the input's shape; `undefined` where it is zero or not wanted. */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];
