/** @file A step of a variational autoencoder as one graph. */

import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { OnnxError } from './errors.ts';
import { bernoulliCrossEntropy, divergenceFromNormal } from './losses/variational.ts';
import type { Model } from './model/model.ts';
import type { Optimizer } from './optimizer.ts';
import { StepBuilder, type StepGraph } from './step-graph.ts';
import { StepNetwork } from './step-network.ts';

/** How an encoder and a decoder are trained together. */
export interface VariationalStepOptions {
  /** Of both networks, with a state for each parameter. */
  readonly optimizer: Optimizer;
}

/**
 * The graph of a step, with the names of its inputs and outputs. Parameters and statistics have the networks' own names behind
 * {@link ENCODER} and {@link DECODER}.
 */
export interface VariationalStep extends StepGraph {
  /** Input, `N x ...`: images, in [0, 1]. */
  readonly images: string;
  /** Input, `N x latent`: random numbers, N(0, 1). */
  readonly noise: string;
  /** Output, `float32` scalar: the sum of the other two, before the update. */
  readonly loss: string;
  /** Output, `float32` scalar: the cross-entropy of the images under the decoder, in nats, the mean over the batch. */
  readonly reconstruction: string;
  /** Output, `float32` scalar: the divergence of the latent vectors' law from N(0, I), in nats, the mean over the batch. */
  readonly divergence: string;
}

/** Before the names of the encoder's constants. */
export const ENCODER = 'encoder.';

/** Before the names of the decoder's. */
export const DECODER = 'decoder.';

/**
 * Builds the graph of a step of a variational autoencoder (Kingma and Welling 2014, arXiv:1312.6114, equation 10 with one sample):
 * latent vectors are mean + exp(logVariance / 2) noise, images are Bernoulli. Both networks are in training mode: BatchNormalization
 * normalizes by the batch, and the running statistics follow it.
 *
 * @param encoder from images to two outputs, mean and logarithm of the variance, `N x latent` each
 * @param decoder from `N x latent` to the logits of the images' values, in the images' shape
 * @throws {@link OnnxError} if the networks do not fit each other
 * @throws {@link NoGradientError} if an operator on the way has no gradient
 */
export function variationalStep(encoder: Model, decoder: Model, options: VariationalStepOptions): VariationalStep {
  const b = new GraphBuilder('variational-step', Math.max(encoder.opset, decoder.opset));
  const updates = new StepBuilder(b, options.optimizer);
  const encodes = new StepNetwork(updates, encoder, ENCODER);
  const decodes = new StepNetwork(updates, decoder, DECODER);
  const [image] = encodes.inputs;
  const [latent] = decodes.inputs;
  if (image === undefined || latent === undefined || encodes.inputs.length > 1 || decodes.inputs.length > 1) {
    throw new OnnxError('Encoder and decoder have one input each');
  }
  if (encoder.graph.outputs.length !== 2 || decoder.graph.outputs.length !== 1) {
    throw new OnnxError('The encoder has two outputs, mean and logarithm of the variance, and the decoder has one');
  }
  const images = b.input('images', 'float32', image.shape ?? []);
  const noise = b.input('noise', 'float32', latent.shape ?? []);

  const [mean = '', logVariance = ''] = encodes.run(b, 'encode/', [images]);
  const deviation = b.op('Exp', [b.op('Mul', [logVariance, b.scalar(0.5)])]);
  const drawn = b.op('Add', [mean, b.op('Mul', [deviation, noise])]);
  const [logits = ''] = decodes.run(b, 'decode/', [drawn]);
  const overBatch = (value: string, name: string): string =>
    b.op('ReduceMean', [value, b.ints([0])], { keepdims: 0 }, name);
  const reconstruction = overBatch(bernoulliCrossEntropy(b, logits, images), 'reconstruction');
  const divergence = overBatch(divergenceFromNormal(b, mean, logVariance), 'divergence');
  const loss = b.op('Add', [reconstruction, divergence], {}, 'loss');
  const gradients = differentiate(b, loss, b.scalar(1), [...encodes.parameters, ...decodes.parameters]);
  encodes.update(gradients.slice(0, encodes.parameters.length));
  decodes.update(gradients.slice(encodes.parameters.length));
  encodes.follow(b);
  decodes.follow(b);
  const told = { loss, reconstruction, divergence };
  return { ...updates.build(...Object.values(told)), images, noise, ...told };
}
