/** @file All checks of an audit, in the order in which they run. A new one is a file beside this one, and a line here. */

import type { AuditCheck } from '../check.ts';
import { accuracyCheck } from './accuracy.ts';
import { garbageCheck } from './garbage.ts';
import { modelCheck } from './model.ts';
import { perturbationCheck } from './perturbation.ts';
import { searchCheck } from './search.ts';
import { stampsCheck } from './stamps.ts';
import { thresholdCheck } from './threshold.ts';

/** In the order in which they run. */
export const CHECKS: readonly AuditCheck[] = [
  modelCheck,
  accuracyCheck,
  garbageCheck,
  searchCheck,
  stampsCheck,
  perturbationCheck,
  thresholdCheck,
];
