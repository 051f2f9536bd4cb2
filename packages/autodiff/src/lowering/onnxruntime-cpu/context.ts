/** @file What the rules of the lowering for ONNX Runtime's CPU provider are given. */

import type { LoweringContext } from '../expand.ts';
import type { Nchwc } from './nchwc.ts';
import type { MergedPhases } from './phases.ts';

export interface CpuContext extends LoweringContext {
  /** The layout of the machine. */
  readonly layout: Nchwc;
  /** Cotangents that were merged from phases; a rule that can use the phases themselves saves the merge. */
  readonly mergedPhases: Map<string, MergedPhases>;
  /**
   * Cotangents of Relus that are zero wherever the Relu's output is, so that the Relu need not mask them. By their names
   * in the old graph: the result of masking may have the same name in the new one, and arrive at other Relus.
   */
  readonly masked: Set<string>;
}
