/** @file The port to every classifier: whatever scores images is one of these, an ONNX network or a wrapper around another. */

import type { GradientKind } from '@pareidolia/autodiff';
import type { FloatImages, ImageShape, Images } from '../image/images.ts';
import type { Front } from './graph.ts';
import type { Gradients, Logits, Objective } from './objective.ts';
import type { BetweenParts } from './parts.ts';
import type { Features, Scores } from './scores.ts';

/**
 * Scores images for every class. Batches may be of any size: a classifier cuts them itself into parts that its memory
 * allows, and calls `between`, where it is given, between two parts. What is said of an image does not depend on the images
 * beside it, but for the rounding of float32.
 *
 * Whoever needs less takes a `Pick` of it, so that less can be given.
 */
export interface Classifier {
  /** The shape of the images it takes. */
  readonly shape: ImageShape;
  readonly numClasses: number;
  /** One name for each class, in the order of the scores. */
  readonly classNames: readonly string[];
  /** The classifier's name, for messages. */
  readonly where: string;
  /**
   * Whether {@link gradient} is the derivative, or an estimate of it since the network rounds what it computes: the
   * straight-through estimator. Exact when absent.
   */
  readonly gradientKind?: GradientKind;
  /**
   * What it tells: only the label. {@link predict} then gives 1 for the class it names and 0 for the others, and so does
   * {@link logits}. Absent where it gives scores for all classes.
   */
  readonly answers?: 'labels';
  /** The class that stands for what a detector in front of it refuses, always the last; absent where there is no detector. */
  readonly refusedClass?: number;
  /** Why {@link gradient} always refuses: a sentence without a full stop. Absent where nothing is known against it. */
  readonly noGradient?: string;

  /**
   * Class probabilities of 8-bit images, just as a PNG holds them; a network of independent sigmoids gives these.
   *
   * @param images N images of {@link shape}
   * @returns N rows of {@link numClasses} probabilities
   * @throws InputError where the images have another shape, or a score is not finite
   */
  predict(images: Images, between?: BetweenParts): Promise<Scores>;

  /**
   * Logits: what the softmax, or each sigmoid, is taken of. Those of 8-bit images are the logits of the file.
   *
   * @param images N images of {@link shape}: 8-bit, or floats in [0, 1]
   * @returns N rows of {@link numClasses} logits
   * @throws InputError where the images have another shape
   */
  logits(images: Images | FloatImages, between?: BetweenParts): Promise<Logits>;

  /**
   * An objective of the logits, and its gradient with respect to the pixels.
   *
   * @param images N images of {@link shape}, floats in [0, 1]
   * @param objective for each of the N images, all of one kind
   * @throws InputError where the images have another shape, or nothing can be differentiated
   */
  gradient(images: FloatImages, objective: Objective, between?: BetweenParts): Promise<Gradients>;

  /**
   * An objective of the logits of images that a front makes of rows, and its gradient with respect to the rows: front and network are
   * one graph. Absent where the network's graph is not at hand.
   *
   * @param rows `N x 1 x 1 x width` numbers, as the front takes them
   * @throws InputError where nothing can be differentiated
   */
  gradientBehind?(front: Front, rows: FloatImages, objective: Objective): Promise<Gradients>;

  /**
   * The penultimate features: what the last fully connected layer is fed with. Absent where the classifier shows none.
   *
   * @param images N images of {@link shape}
   * @returns N rows of features
   * @throws InputError where the images have another shape
   */
  features?(images: Images, between?: BetweenParts): Promise<Features>;
}

/** What a search needs of a classifier. */
export type Scorer = Pick<Classifier, 'shape' | 'predict' | 'answers' | 'noGradient'>;

/** What gradient ascent needs of a classifier. */
export interface GradientScorer extends Scorer, Pick<Classifier, 'gradient' | 'gradientKind'> {
  /** {@link Classifier.gradientBehind}. */
  readonly gradientBehind?: Classifier['gradientBehind'];
  /** For each channel the pixel value in [0, 1] that the network receives as zero, clipped to the range. */
  readonly origin: readonly number[];
}

/** Whether a classifier gives gradients, and says what it receives as zero. */
export function hasGradient(scorer: Scorer): scorer is GradientScorer {
  return 'gradient' in scorer && 'origin' in scorer && scorer.noGradient === undefined;
}
