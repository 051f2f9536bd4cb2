/** @file Training on adversarial examples, made against the network as it stands at each step. */

import type { Model } from '@pareidolia/autodiff';
import { randomStart } from '../attack/engine/random-start.ts';
import { advance, type Ball, project } from '../attack/norm.ts';
import { InputError } from '../errors.ts';
import type { FloatImages } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { openGraph } from '../runtime/open.ts';
import type { Runtime, Session, SessionOptions, Tensors } from '../runtime/runtime.ts';
import { classTensor, floatTensor } from '../runtime/tensors.ts';
import { type GradientOfImages, gradientOfImages } from './image-gradient.ts';

/** How a network is trained on adversarial examples in Linf. Pixels are in [0, 1], and examples stay there. */
export type AdversarialTraining =
  /**
   * Every image is replaced by one that projected gradient descent finds from a random place in the ball (Madry et al. 2018,
   * arXiv 1706.06083, equation 2.1). For MNIST the paper has 40 steps of .01 at epsilon .3.
   */
  | { readonly kind: 'pgd'; readonly epsilon: number; readonly steps: number; readonly stepSize: number }
  /** The loss is half that of the images and half that of their fast gradient sign examples (Goodfellow et al. 2015, section 6). */
  | { readonly kind: 'fgsm'; readonly epsilon: number };

/** The length of a step at which a number of them crosses the ball with a quarter to spare: 2.5 epsilon / steps. */
export function usualStepSize(epsilon: number, steps: number): number {
  return (2.5 * epsilon) / steps;
}

/** Images with their classes, as a training step takes them. */
export interface Examples {
  readonly images: FloatImages;
  readonly labels: Int32Array;
}

/** Makes adversarial examples for one training. */
export class Adversary {
  readonly #method: AdversarialTraining;
  readonly #graph: GradientOfImages;
  readonly #session: Session;

  private constructor(method: AdversarialTraining, graph: GradientOfImages, session: Session) {
    this.#method = method;
    this.#graph = graph;
    this.#session = session;
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
    checkMethod(method);
    const graph = gradientOfImages(model, weights);
    const { session } = await openGraph(runtime, graph.model, options);
    return new Adversary(method, graph, session);
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
    const method = this.#method;
    const ball: Ball = { norm: 'linf', epsilon: method.epsilon };
    const found = { ...images, data: images.data.slice() };
    // In Linf and the box every pixel is by itself, so that the whole batch is treated as one image.
    const step = async (length: number): Promise<void> => {
      const gradient = await this.#gradient({ images: found, labels }, weights);
      project(advance(found.data, gradient, -length, ball.norm), images.data, ball);
    };
    if (method.kind === 'fgsm') {
      await step(method.epsilon);
      return {
        images: joined(images, found),
        labels: Int32Array.from({ length: 2 * labels.length }, (_, i) => labels[i % labels.length]!),
      };
    }
    randomStart(found.data, { image: images.data, random }, ball);
    for (let count = 0; count < method.steps; count++) await step(method.stepSize);
    return { images: found, labels };
  }

  /** Frees the gradient graph. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async #gradient({ images, labels }: Examples, weights: Tensors): Promise<Float32Array> {
    const { images: input, labels: labelInput, gradient } = this.#graph;
    const feeds = { ...weights, [input]: floatTensor(images), [labelInput]: classTensor(labels) };
    // The gradient of float32 images is float32.
    return (await this.#session.run(feeds, [gradient]))[gradient]!.data as Float32Array;
  }
}

function joined(images: FloatImages, others: FloatImages): FloatImages {
  const data = new Float32Array(images.data.length + others.data.length);
  data.set(images.data);
  data.set(others.data, images.data.length);
  return { ...images, count: images.count + others.count, data };
}

function checkMethod(method: AdversarialTraining): void {
  if (!(method.epsilon > 0 && method.epsilon <= 1)) {
    throw new InputError(
      `Adversarial training has epsilon ${method.epsilon}; pixels are in [0, 1]: give a number above 0 and up to 1`,
    );
  }
  if (method.kind === 'fgsm') return;
  if (!(Number.isSafeInteger(method.steps) && method.steps >= 1)) {
    throw new InputError(`Adversarial training has ${method.steps} steps; give a whole number of at least 1`);
  }
  if (!(method.stepSize > 0 && method.stepSize <= 1)) {
    throw new InputError(`Adversarial training has steps of ${method.stepSize}; give a number above 0 and up to 1`);
  }
}
