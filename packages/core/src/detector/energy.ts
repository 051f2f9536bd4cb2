import type { LogitDetector } from './detector.ts';
import { logSumExp } from './log-sum-exp.ts';

/** The negative energy at temperature 1, `ln sum_k exp(f_k)` (Liu et al. 2020). */
export const energy: LogitDetector = {
  name: 'energy',
  title: 'energy',
  paper: 'Liu et al. 2020',
  needs: 'logits',
  isShiftInvariant: false,
  isOfSoftmax: true,
  score: logSumExp,
};
