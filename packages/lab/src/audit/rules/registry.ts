/** @file All rules of an audit, in the order of the report. A new one is a file beside this one, and a line here. */

import type { AuditRule } from '../rule.ts';
import { garbageRule } from './garbage.ts';
import { outliersRule } from './outliers.ts';
import { searchedRule } from './searched.ts';
import { stampsRule } from './stamps.ts';
import { thresholdCostsRule } from './threshold-costs.ts';
import { thresholdStopsRule } from './threshold-stops.ts';

/** In the order of the report. */
export const RULES: readonly AuditRule[] = [
  garbageRule,
  outliersRule,
  searchedRule,
  stampsRule,
  thresholdStopsRule,
  thresholdCostsRule,
];
