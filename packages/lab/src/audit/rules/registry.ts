/** @file All rules of an audit, in the order of the report. A new one is a file beside this one, and a line here. */

import type { AuditRule } from '../rule.ts';
import { betterThanChance, calibrated } from './accuracy-rules.ts';
import { garbageRule } from './garbage.ts';
import { batchIndependent, deterministic, gradients, notFinite, saturation } from './model-rules.ts';
import { outliersRule } from './outliers.ts';
import { masking, robustL2, robustLinf } from './perturbation-rules.ts';
import { searchedRule } from './searched.ts';
import { stampsRule } from './stamps.ts';
import { thresholdCostsRule } from './threshold-costs.ts';
import { thresholdStopsRule } from './threshold-stops.ts';

/** In the order of the report. */
export const RULES: readonly AuditRule[] = [
  notFinite,
  deterministic,
  batchIndependent,
  saturation,
  gradients,
  betterThanChance,
  calibrated,
  garbageRule,
  outliersRule,
  searchedRule,
  stampsRule,
  robustLinf,
  robustL2,
  masking,
  thresholdStopsRule,
  thresholdCostsRule,
];
