import type { Detector } from './detector.ts';
import { softmax } from './log-sum-exp.ts';

/**
 * The 1-norm of the gradient of the divergence between the softmax and equal probabilities with respect to the weights of the last
 * layer (Huang, Geng and Li 2021). The gradient is an outer product, so the norm is `|z|_1 sum_k |1/n - p_k|` of features z.
 */
export const gradnorm: Detector = {
  name: 'gradnorm',
  title: 'GradNorm',
  paper: 'Huang et al. 2021',
  needs: 'features',
  isShiftInvariant: true,
  isOfSoftmax: true,
  fit: async ({ numClasses }) => ({
    name: 'gradnorm',
    remarks: [],
    parameters: {},
    score: ({ logits, features }) => {
      let norm = 0;
      for (const feature of features) norm += Math.abs(feature);
      let far = 0;
      for (const p of softmax(logits)) far += Math.abs(1 / numClasses - p);
      return norm * far;
    },
    graph: (b, { logits, features }) => {
      const sumOfSizes = (value: string): string =>
        b.op('ReduceSum', [b.op('Abs', [value]), b.ints([1])], { keepdims: 0 });
      const far = b.op('Sub', [b.op('Softmax', [logits], { axis: 1 }), b.scalar(1 / numClasses)]);
      return b.op('Mul', [sumOfSizes(features), sumOfSizes(far)]);
    },
  }),
};
