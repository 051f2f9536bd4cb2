/** @file Training on adversarial examples, made against the network as it stands at each step. */

import type { Model } from '@pareidolia/autodiff';
import type { FloatImages } from '../image/images.ts';
import { concatenated } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import type { Runtime, SessionOptions, Tensors } from '../runtime/runtime.ts';
import { checkMovement, ImageMover, type Movement } from './moved-images.ts';

/** How a network is trained on adversarial examples in Linf. Pixels are in [0, 1], and examples stay there. */
export type AdversarialTraining =
  /**
   * Every image is replaced by one that projected gradient descent finds from a random place in the ball (Madry et al. 2018,
   * arXiv 1706.06083, equation 2.1). For MNIST the paper has 40 steps of .01 at epsilon .3.
   */
  | { readonly kind: 'pgd'; readonly epsilon: number; readonly steps: number; readonly stepSize: number }
  /** The loss is half that of the images and half that of their fast gradient sign examples (Goodfellow et al. 2015, section 6). */
  | { readonly kind: 'fgsm'; readonly epsilon: number };

/** Images with their classes, as a training step takes them. */
export interface Examples {
  readonly images: FloatImages;
  readonly labels: Int32Array;
}

/** Makes adversarial examples for one training. */
export class Adversary {
  readonly #kind: AdversarialTraining['kind'];
  readonly #mover: ImageMover;

  private constructor(kind: AdversarialTraining['kind'], mover: ImageMover) {
    this.#kind = kind;
    this.#mover = mover;
  }

  /**
   * @param model the network; of its weights only names and shapes count
   * @param weights names of those that change
   * @throws InputError where epsilon, steps or step size are out of range
   * @throws NoGradientError where an operator has no gradient
   */
  static async open(
    method: AdversarialTraining,
    model: Model,
    weights: readonly string[],
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<Adversary> {
    const movement = movementOf(method);
    checkMovement('Adversarial training', movement);
    return new Adversary(method.kind, await ImageMover.open(movement, model, weights, runtime, options));
  }

  /**
   * What a step is trained on in place of a batch.
   *
   * @param weights the network's present ones, by name
   * @param random decides where the search starts
   * @returns for `pgd` as many images as were given, for `fgsm` these images with their examples behind them: the mean over
   *   both is the paper's loss
   */
  async examples({ images, labels }: Examples, weights: Tensors, random: Random): Promise<Examples> {
    const found = await this.#mover.move(images, labels, weights, random);
    if (this.#kind === 'pgd') return { images: found, labels };
    return {
      images: concatenated([images, found]),
      labels: Int32Array.from({ length: 2 * labels.length }, (_, i) => labels[i % labels.length]!),
    };
  }

  /** Frees the gradient graph. */
  async dispose(): Promise<void> {
    await this.#mover.dispose();
  }
}

function movementOf(method: AdversarialTraining): Movement {
  const { epsilon } = method;
  return method.kind === 'fgsm'
    ? { objective: 'label', epsilon, steps: 1, stepSize: epsilon, start: 'image' }
    : { objective: 'label', epsilon, steps: method.steps, stepSize: method.stepSize, start: 'ball' };
}
