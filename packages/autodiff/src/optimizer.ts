/** @file Optimizers: how a parameter follows from its gradient, as nodes of a graph. */

import type { GraphBuilder } from './builder/builder.ts';

/**
 * Stochastic gradient descent with momentum, as `torch.optim.SGD` without dampening: for a gradient g of a weight w,
 * `v = momentum v + g + weightDecay w`, then `w = w - learningRate v`; v is 0 at first.
 */
export interface Sgd {
  /** Selects this optimizer. */
  readonly kind: 'sgd';
  /** In [0, 1); at 0 there is no state. */
  readonly momentum: number;
  /** L2 penalty, at least 0: this multiple of a weight is added to its gradient. */
  readonly weightDecay: number;
}

/** Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), as `torch.optim.Adam`. */
export interface Adam {
  /** Selects this optimizer. */
  readonly kind: 'adam';
  /** Decay rate of the mean of the gradient, in [0, 1); 0.9 in the paper. */
  readonly beta1: number;
  /** Decay rate of the mean of its square, in [0, 1); 0.999 in the paper. */
  readonly beta2: number;
  /** Added to the denominator, above 0; 1e-8 in the paper. */
  readonly epsilon: number;
  /** L2 penalty, at least 0: this multiple of a weight is added to its gradient. */
  readonly weightDecay: number;
}

/** How parameters are updated from their gradients. */
export type Optimizer = Sgd | Adam;

/** What is subtracted from a parameter, divided by the learning rate. Next states get names that end in `.next`. */
export function optimizerStep(
  b: GraphBuilder,
  optimizer: Optimizer,
  parameter: string,
  gradient: string,
  step: string | undefined,
  state: (suffix: string) => string,
): string {
  const times = (value: string, factor: number): string => b.op('Mul', [value, b.scalar(factor)]);
  const decayed =
    optimizer.weightDecay === 0 ? gradient : b.op('Add', [gradient, times(parameter, optimizer.weightDecay)]);
  if (optimizer.kind === 'sgd') {
    if (optimizer.momentum === 0) return decayed;
    const velocity = state('velocity');
    return b.op('Add', [times(velocity, optimizer.momentum), decayed], {}, `${velocity}.next`);
  }
  const { beta1, beta2, epsilon } = optimizer;
  const mean = state('mean');
  const square = state('square');
  const nextMean = b.op('Add', [times(mean, beta1), times(decayed, 1 - beta1)], {}, `${mean}.next`);
  const squared = times(b.op('Mul', [decayed, decayed]), 1 - beta2);
  const nextSquare = b.op('Add', [times(square, beta2), squared], {}, `${square}.next`);
  const correction = (beta: number): string => b.op('Sub', [b.scalar(1), b.op('Pow', [b.scalar(beta), step!])]);
  const unbiased = b.op('Div', [nextMean, correction(beta1)]);
  const scale = b.op('Add', [b.op('Sqrt', [b.op('Div', [nextSquare, correction(beta2)])]), b.scalar(epsilon)]);
  return b.op('Div', [unbiased, scale]);
}
