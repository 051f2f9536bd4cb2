/** @file A step of two networks against each other as one graph: first the discriminator's, then the generator's. */

import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { OnnxError } from './errors.ts';
import type { AdversarialLoss } from './losses/adversarial-loss.ts';
import { onesLike } from './losses/objective.ts';
import type { Model } from './model/model.ts';
import type { Optimizer } from './optimizer.ts';
import { StepBuilder, type StepGraph } from './step-graph.ts';
import { StepNetwork } from './step-network.ts';

/** How two networks are trained against each other. */
export interface AdversarialStepOptions {
  /** Of both networks, each with a state of its own. */
  readonly optimizer: Optimizer;
  /** What each of them minimizes. */
  readonly loss: AdversarialLoss;
  /**
   * R1 (Mescheder, Geiger and Nowozin 2018, arXiv:1801.04406, equation 9): this, above 0, over 2, times the mean squared norm of
   * the gradient of the logit by the real image is added to the discriminator's loss. None when absent.
   */
  readonly gradientPenalty?: number;
  /**
   * Decay, in [0, 1), of an exponential moving average of the generator's weights and running statistics (Yazici et al. 2019,
   * arXiv:1806.04498): states named by {@link averageOf}, which the training itself does not look at. None when absent.
   */
  readonly generatorAverage?: number;
}

/**
 * The graph of a step, with the names of its inputs and outputs. Parameters and statistics have the networks' own names behind
 * {@link GENERATOR} and {@link DISCRIMINATOR}.
 */
export interface AdversarialStep extends StepGraph {
  /** Input, `N x latent`: from what images are generated. */
  readonly latent: string;
  /** Input, `N x ...`: real images. */
  readonly images: string;
  /** Input, `int64`, `N`: classes of the real images, and of those to generate. Absent where the networks have none. */
  readonly labels: string | undefined;
  /** Output, `float32` scalar: the discriminator's loss before its update, penalty included. */
  readonly discriminatorLoss: string;
  /** Output, `float32` scalar: the generator's loss after the discriminator's update. */
  readonly generatorLoss: string;
  /** Output, `float32` scalar: how many real images have a logit above 0, before the update. */
  readonly realRight: string;
  /** Output, `float32` scalar: how many generated images have a logit below 0, before the update. */
  readonly fakeRight: string;
}

/** Before the names of the generator's constants. */
export const GENERATOR = 'generator.';

/** Before the names of the discriminator's. */
export const DISCRIMINATOR = 'discriminator.';

/**
 * Builds the graph of a step of a generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661, algorithm 1 with k =
 * 1): the discriminator is updated on real and on generated images, then the generator by what the updated discriminator says of
 * the same images. Both are in training mode: BatchNormalization normalizes by the batch, real and generated images in batches of
 * their own, and the running statistics follow each batch.
 *
 * @param generator from `float32` `N x latent`, and where it is conditional `int64` `N` classes, to images
 * @param discriminator from images, and likewise classes, to logits `N x 1` of their being real
 * @throws {@link OnnxError} if the networks do not fit each other
 * @throws {@link NoGradientError} if an operator on the way has no gradient; with a penalty, no gradient of its gradient
 */
export function adversarialStep(
  generator: Model,
  discriminator: Model,
  options: AdversarialStepOptions,
): AdversarialStep {
  const b = new GraphBuilder('adversarial-step', Math.max(generator.opset, discriminator.opset));
  const updates = new StepBuilder(b, options.optimizer);
  const makes = new StepNetwork(updates, generator, GENERATOR);
  const judges = new StepNetwork(updates, discriminator, DISCRIMINATOR);
  const [noise, classes] = makes.inputs;
  const [image, judged] = judges.inputs;
  if (noise === undefined || image === undefined || (classes === undefined) !== (judged === undefined)) {
    throw new OnnxError('Generator and discriminator both take classes beside their first input, or neither does');
  }
  const latent = b.input('latent', 'float32', noise.shape ?? []);
  const images = b.input('images', 'float32', image.shape ?? []);
  const labels = classes === undefined ? undefined : b.input('labels', 'int64', ['N']);

  const given = labels === undefined ? [] : [labels];
  const [fake = ''] = makes.run(b, 'made/', [latent, ...given]);
  const [onReal = ''] = judges.run(b, 'real/', [images, ...given]);
  const [onFake = ''] = judges.run(b, 'fake/', [fake, ...given]);
  let discriminatorLoss = options.loss.discriminator(b, onReal, onFake);
  if (options.gradientPenalty !== undefined) {
    const penalty = gradientPenalty(b, onReal, images, options.gradientPenalty);
    discriminatorLoss = b.op('Add', [discriminatorLoss, penalty]);
  }
  judges.update(differentiate(b, discriminatorLoss, b.scalar(1), judges.parameters));
  // A value of its own, so that the gradient goes through what is judged, and not through what the discriminator learned of it.
  const shown = b.op('Identity', [fake]);
  const [again = ''] = judges.run(b, 'again/', [shown, ...given]);
  const generatorLoss = options.loss.generator(b, again);
  const [wish = ''] = differentiate(b, generatorLoss, b.scalar(1), [shown]);
  makes.update(differentiate(b, fake, wish, makes.parameters));
  makes.follow(b);
  judges.follow(b);
  if (options.generatorAverage !== undefined) makes.average(options.generatorAverage);

  const count = (comparison: string, logits: string, name: string): string => {
    const right = b.op('Cast', [b.op(comparison, [logits, b.scalar(0)])], { to: 1 });
    return b.op('ReduceSum', [right, b.ints([0, 1])], { keepdims: 0 }, name);
  };
  const told = {
    discriminatorLoss: b.op('Identity', [discriminatorLoss], {}, 'discriminator_loss'),
    generatorLoss: b.op('Identity', [generatorLoss], {}, 'generator_loss'),
    realRight: count('Greater', onReal, 'real_right'),
    fakeRight: count('Less', onFake, 'fake_right'),
  };
  return { ...updates.build(...Object.values(told)), latent, images, labels, ...told };
}

/** Adds the penalty, a scalar. Without statistics over the batch, the gradient of the sum of logits is that of each one. */
function gradientPenalty(b: GraphBuilder, logits: string, images: string, gamma: number): string {
  const [slope = ''] = differentiate(b, logits, onesLike(b, logits), [images]);
  const axes = b.shape(images).flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  const squared = b.op('ReduceSum', [b.op('Mul', [slope, slope]), b.ints(axes)], { keepdims: 0 });
  return b.op('Mul', [b.op('ReduceMean', [squared, b.ints([0])], { keepdims: 0 }), b.scalar(gamma / 2)]);
}
