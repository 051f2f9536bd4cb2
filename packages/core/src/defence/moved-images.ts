/** @file Images that are moved against a network as it stands at each step of its training. */

import type { Model } from '@pareidolia/autodiff';
import { randomStart } from '../attack/engine/random-start.ts';
import { advance, type Ball, clip, project } from '../attack/norm.ts';
import { InputError } from '../errors.ts';
import type { FloatImages } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { openGraph } from '../runtime/open.ts';
import type { Runtime, Session, SessionOptions, Tensor, Tensors } from '../runtime/runtime.ts';
import { classTensor, floatTensor } from '../runtime/tensors.ts';
import { type GradientOfImages, gradientOfImages, type ImageObjective } from './image-gradient.ts';

/** Projected gradient descent in an Linf ball and the box [0, 1] (Madry et al. 2018, arXiv:1706.06083, equation 2.1). */
export interface Movement {
  readonly objective: ImageObjective;
  /** In (0, 1]. */
  readonly epsilon: number;
  /** At least 1. */
  readonly steps: number;
  /** In (0, 1]. */
  readonly stepSize: number;
  /**
   * Where it begins: at a random place in the ball; beside the image, moved by a normal number of standard deviation .001 in each
   * pixel; or at the image itself.
   */
  readonly start: 'ball' | 'beside' | 'image';
}

/** How far beside the image the search of TRADES begins, for at the image the divergence has no gradient. */
const BESIDE = 0.001;

/** The length of a step at which a number of them crosses the ball with a quarter to spare: 2.5 epsilon / steps. */
export function usualStepSize(epsilon: number, steps: number): number {
  return (2.5 * epsilon) / steps;
}

/**
 * @param who moves them, at the beginning of a sentence
 * @throws InputError where a number is out of range
 */
export function checkMovement(who: string, { epsilon, steps, stepSize }: Omit<Movement, 'objective' | 'start'>): void {
  if (!(epsilon > 0 && epsilon <= 1)) {
    throw new InputError(`${who} has epsilon ${epsilon}; pixels are in [0, 1]: give a number above 0 and up to 1`);
  }
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw new InputError(`${who} has ${steps} steps; give a whole number of at least 1`);
  }
  if (!(stepSize > 0 && stepSize <= 1)) {
    throw new InputError(`${who} has steps of ${stepSize}; give a number above 0 and up to 1`);
  }
}

/** Moves images for one training. */
export class ImageMover {
  readonly #movement: Movement;
  readonly #graph: GradientOfImages;
  readonly #session: Session;

  private constructor(movement: Movement, graph: GradientOfImages, session: Session) {
    this.#movement = movement;
    this.#graph = graph;
    this.#session = session;
  }

  /**
   * Opens the gradient of a network.
   *
   * @param model the network; of its weights only names and shapes count
   * @param weights names of those that change
   * @throws NoGradientError where an operator has no gradient
   */
  static async open(
    movement: Movement,
    model: Model,
    weights: readonly string[],
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<ImageMover> {
    const graph = gradientOfImages(model, weights, movement.objective);
    const { session } = await openGraph(runtime, graph.model, options);
    return new ImageMover(movement, graph, session);
  }

  /**
   * Moves images against the network as it stands.
   *
   * @param labels of the images; looked at where they are moved away from them
   * @param weights the network's present ones, by name
   * @param random decides where the search starts
   * @returns images in the ball around the given ones, which stay as they are
   */
  async move(images: FloatImages, labels: Int32Array, weights: Tensors, random: Random): Promise<FloatImages> {
    const { epsilon, steps, stepSize, objective, start } = this.#movement;
    const ball: Ball = { norm: 'linf', epsilon };
    const found = { ...images, data: images.data.slice() };
    const about = await this.#about(images, labels, weights);
    if (start === 'ball') randomStart(found.data, { image: images.data, random }, ball);
    if (start === 'beside') {
      for (let i = 0; i < found.data.length; i++) found.data[i]! += BESIDE * random.normal();
      clip(found.data);
    }
    const length = objective === 'label' ? -stepSize : stepSize;
    // In Linf and the box every pixel is by itself, so that the whole batch is treated as one image.
    for (let step = 0; step < steps; step++) {
      const gradient = await this.#gradient(found, about, weights);
      project(advance(found.data, gradient, length, ball.norm), images.data, ball);
    }
    return found;
  }

  /** Frees the gradient graph. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async #about(images: FloatImages, labels: Int32Array, weights: Tensors): Promise<Tensor | undefined> {
    const { objective } = this.#movement;
    if (objective === 'confidence') return undefined;
    if (objective === 'label') return classTensor(labels);
    const { images: input, about, logits, classes = 0 } = this.#graph;
    // Which other images there are makes no difference to the logits.
    const none = {
      type: 'float32',
      dims: [images.count, classes],
      data: new Float32Array(images.count * classes),
    } as const;
    return (await this.#session.run({ ...weights, [input]: floatTensor(images), [about!]: none }, [logits]))[logits]!;
  }

  async #gradient(images: FloatImages, about: Tensor | undefined, weights: Tensors): Promise<Float32Array> {
    const { images: input, about: name, gradient } = this.#graph;
    const feeds = { ...weights, [input]: floatTensor(images), ...(about === undefined ? {} : { [name!]: about }) };
    // The gradient of float32 images is float32.
    return (await this.#session.run(feeds, [gradient]))[gradient]!.data as Float32Array;
  }
}
