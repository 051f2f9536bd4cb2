import { logSumExp, logSumExpNodes } from './log-sum-exp.ts';
import { unfitted } from './unfitted.ts';

/** The negative energy at temperature 1, `ln sum_k exp(f_k)` (Liu et al. 2020). */
export const energy = unfitted(
  {
    name: 'energy',
    title: 'energy',
    paper: 'Liu et al. 2020',
    isShiftInvariant: false,
    isOfSoftmax: true,
    score: logSumExp,
  },
  logSumExpNodes,
);
