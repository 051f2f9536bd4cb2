import { logSumExp } from './log-sum-exp.ts';
import { unfitted } from './unfitted.ts';

/** The negative entropy of the softmax in nats: `sum_k p_k ln p_k`, from `-ln n` of n classes to 0. */
export const entropy = unfitted(
  {
    name: 'entropy',
    title: 'entropy of the softmax',
    paper: 'Shannon 1948',
    isShiftInvariant: true,
    isOfSoftmax: true,
    score: (logits) => {
      const all = logSumExp(logits);
      let sum = 0;
      for (const logit of logits) {
        const p = Math.exp(logit - all);
        // p ln p goes to 0 with p.
        if (p > 0) sum += p * (logit - all);
      }
      return sum;
    },
  },
  (b, logits) => {
    const logs = b.op('LogSoftmax', [logits], { axis: 1 });
    const terms = b.op('Mul', [b.op('Exp', [logs]), logs]);
    return b.op('ReduceSum', [terms, b.ints([1])], { keepdims: 0 });
  },
);
