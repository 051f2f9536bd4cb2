import { unfitted } from './unfitted.ts';

/** The largest probability of the softmax (Hendrycks and Gimpel 2017), in double precision, from `1/n` of n classes to 1. */
export const maximumSoftmax = unfitted(
  {
    name: 'maximum-softmax',
    title: 'maximum softmax probability',
    paper: 'Hendrycks and Gimpel 2017',
    isShiftInvariant: true,
    isOfSoftmax: true,
    score: (logits) => {
      let largest = -Infinity;
      for (const logit of logits) largest = Math.max(largest, logit);
      let sum = 0;
      for (const logit of logits) sum += Math.exp(logit - largest);
      return 1 / sum;
    },
  },
  (b, logits) => b.op('ReduceMax', [b.op('Softmax', [logits], { axis: 1 }), b.ints([1])], { keepdims: 0 }),
);
