/** @file Losses of two networks against each other: of a discriminator, and of the generator that it judges. */

import type { GraphBuilder } from '../builder/builder.ts';

/** What a discriminator and a generator each minimize. */
export interface AdversarialLoss {
  /**
   * @param real logits of real images, `float32`, `N x 1`
   * @param fake logits of generated ones
   * @returns name of a `float32` scalar
   */
  discriminator(b: GraphBuilder, real: string, fake: string): string;
  /**
   * @param fake logits of generated images, `float32`, `N x 1`
   * @returns name of a `float32` scalar
   */
  generator(b: GraphBuilder, fake: string): string;
}

/**
 * The non-saturating loss (Goodfellow et al. 2014, arXiv:1406.2661, section 3), in nats. With D the sigmoid of the logits, the
 * discriminator minimizes the mean of -t log D(real) - (1 - t) log(1 - D(real)) plus that of -log(1 - D(fake)), the generator the
 * mean of -log D(fake).
 *
 * @param target t, the label of real images, in (0, 1]: below 1 for one-sided label smoothing (Salimans et al. 2016,
 *   arXiv:1606.03498, section 3.4)
 */
export function nonSaturating(target: number): AdversarialLoss {
  const mean = (b: GraphBuilder, value: string): string => b.op('ReduceMean', [value, b.ints([0, 1])], { keepdims: 0 });
  /** The cross-entropy of a sigmoid: softplus(x) - t x. */
  const against = (b: GraphBuilder, logits: string, label: number): string => {
    const softplus = b.op('Softplus', [logits]);
    if (label === 0) return mean(b, softplus);
    return mean(b, b.op('Sub', [softplus, label === 1 ? logits : b.op('Mul', [logits, b.scalar(label)])]));
  };
  return {
    discriminator: (b, real, fake) => b.op('Add', [against(b, real, target), against(b, fake, 0)]),
    generator: (b, fake) => against(b, fake, 1),
  };
}
