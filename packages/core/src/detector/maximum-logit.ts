import { unfitted } from './unfitted.ts';

/** The largest logit (Hendrycks et al. 2022). */
export const maximumLogit = unfitted(
  {
    name: 'maximum-logit',
    title: 'maximum logit',
    paper: 'Hendrycks et al. 2022',
    isShiftInvariant: false,
    isOfSoftmax: false,
    score: (logits) => logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity),
  },
  (b, logits) => b.op('ReduceMax', [logits, b.ints([1])], { keepdims: 0 }),
);
