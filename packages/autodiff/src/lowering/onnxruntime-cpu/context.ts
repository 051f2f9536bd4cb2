/** @file What the rules of the lowering for ONNX Runtime's CPU provider are given. */

import type { LoweringContext } from '../expand.ts';
import type { Nchwc } from './nchwc.ts';
import type { MergedPhases } from './phases.ts';

export interface CpuContext extends LoweringContext {
  /** The layout of the machine. */
  readonly layout: Nchwc;
  /** Cotangents that were merged from phases; a rule that can use the phases themselves saves the merge. */
  readonly mergedPhases: Map<string, MergedPhases>;
  /** Cotangents that are zero wherever the output of their Relu is, which need not be masked. */
  readonly masked: Set<string>;
}
