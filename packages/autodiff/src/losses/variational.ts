/** @file The two parts of the loss of a variational autoencoder, for each sample. */

import type { GraphBuilder } from '../builder/builder.ts';

/**
 * Adds -log p(x) of values x in [0, 1] under independent Bernoulli laws: the sum of softplus(l) - x l over a sample's values, in
 * nats. Of values between 0 and 1 it is the cross-entropy, which is above 0 even where the probabilities equal them.
 *
 * @param logits `float32`, `N x ...`, of the probabilities of 1
 * @param values `float32`, of the same shape
 * @returns name of a `float32`, `N`
 */
export function bernoulliCrossEntropy(b: GraphBuilder, logits: string, values: string): string {
  const each = b.op('Sub', [b.op('Softplus', [logits]), b.op('Mul', [values, logits])]);
  return b.op('ReduceSum', [each, b.ints(b.shape(logits).flatMap((_, axis) => (axis === 0 ? [] : [axis])))], {
    keepdims: 0,
  });
}

/**
 * Adds the Kullback-Leibler divergence of N(mean, diag(exp(logVariance))) from N(0, I), in nats (Kingma and Welling 2014,
 * arXiv:1312.6114, appendix B): half the sum of mean^2 + exp(logVariance) - 1 - logVariance.
 *
 * @param mean `float32`, `N x latent`
 * @param logVariance `float32`, `N x latent`
 * @returns name of a `float32`, `N`
 */
export function divergenceFromNormal(b: GraphBuilder, mean: string, logVariance: string): string {
  const spread = b.op('Sub', [b.op('Sub', [b.op('Exp', [logVariance]), b.scalar(1)]), logVariance]);
  const both = b.op('Add', [b.op('Mul', [mean, mean]), spread]);
  return b.op('Mul', [b.op('ReduceSum', [both, b.ints([1])], { keepdims: 0 }), b.scalar(0.5)]);
}
