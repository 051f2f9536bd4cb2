/** @file What a detector of outliers is: a score of one image that is larger for those of the kind the network knows. */

import type { GraphBuilder } from '@pareidolia/autodiff';
import type { GradientScorer } from '../classifier/classifier.ts';
import type { LastLayer } from '../classifier/last-layer.ts';
import type { Logits } from '../classifier/objective.ts';
import type { FloatImages, Images } from '../image/images.ts';

/** What a network says of one image. */
export interface Observation {
  /** One for each class, finite. */
  readonly logits: Float32Array;
  /** The penultimate features; empty where the network shows none. */
  readonly features: Float32Array;
  /** Means and root mean squares of what its layers take in, one layer behind the other; absent where they were not asked for. */
  readonly levels?: Float32Array;
}

/** What a network says of a batch, with the classes of its images. */
export interface Observations {
  readonly count: number;
  /** `count x classes`, row-major. */
  readonly logits: Float32Array;
  /** `count x width`, row-major. */
  readonly features: Float32Array;
  /** `count x` the widths of all {@link FitSource.levels}, row-major; empty where there are none. */
  readonly levels: Float32Array;
  /** The right class of each image; where it is not known, that which the network decides for. */
  readonly labels: Int32Array;
}

/** How many numbers there are of what a layer takes in. */
export interface LevelWidth {
  /** Means: one for each channel that is looked at. */
  readonly channels: number;
  /** Means and, behind them where there are places, as many root mean squares. */
  readonly width: number;
}

/** The images that a detector is fitted to, as the network sees them. They need not fit in memory. */
export interface FitSource {
  /** Images in all. */
  readonly count: number;
  readonly numClasses: number;
  readonly classNames: readonly string[];
  /** Penultimate features of an image; 0 where the network shows none. */
  readonly width: number;
  /** What there is of what each layer takes in; empty where there is nothing. */
  readonly levels: readonly LevelWidth[];
  /** The network's last layer, where the logits follow from the features by it. */
  readonly layer?: LastLayer;
  /** Of whatever is left to chance. */
  readonly seed: number;
  /** All images, a batch at a time; each call is a pass over the same ones in the same order. */
  batches(): AsyncIterable<Observations>;
}

/** Values of a graph that a detector reads. */
export interface GuardValues {
  /** `N x classes`, float32. */
  readonly logits: string;
  /** `N x width`, float32; empty where there are none. */
  readonly features: string;
  /** Adds the pixels of the image, `N x C x H x W` in [0, 1], and gives their name. */
  readonly pixels?: () => string;
  /** Adds what there is of all layers, in rows; absent where the network has none. */
  readonly levels?: () => string;
  /** What the network is fed with, where a second pass is possible. */
  readonly second?: SecondPass;
}

/** The means to run the network twice in a graph. */
export interface SecondPass {
  /** The network's input: images in its own units. */
  readonly input: string;
  /** What 1 in the units of pixels in [0, 1] is in the network's: a value that fits beside the input. */
  readonly unit: string;
  /** Adds the network once more, on another input; its logits `N x classes`. */
  again(input: string): string;
}

/** A detector that is ready to score. */
export interface FittedDetector {
  /** Name of the {@link Detector}. */
  readonly name: string;
  /** What the user should know of the fit; each a sentence without a full stop. */
  readonly remarks: readonly string[];
  /** Numbers that it has chosen or learnt, for the record: those that are few. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Whether it looks at {@link Observation.levels}. Not when absent. */
  readonly readsLevels?: true;
  /** The score of an image, in double precision; larger for images that are more like those it was fitted to. */
  score(image: Observation): number;
  /**
   * Adds standard operators that compute the same score in single precision.
   *
   * @returns name of the score, `N`, float32
   */
  graph(b: GraphBuilder, values: GuardValues): string;
  /**
   * Where the network has to be asked about other images than the given ones: these, by the classifier's gradient. What it says
   * of them is what {@link score} takes.
   */
  readonly moved?: (classifier: DetectorScorer, images: Images) => Promise<FloatImages>;
  /** Scores of 8-bit images, where it looks at these themselves and not at what the network says of them; {@link score} is not asked then. */
  readonly scoresOf?: (images: Images) => Promise<Float64Array>;
  /** The opset that the nodes of {@link graph} are written in; any when absent. */
  readonly opset?: number;
}

/** What a detector asks a classifier for beyond observations. */
export interface DetectorScorer extends GradientScorer {
  /** Logits of 8-bit images, or of floats in [0, 1]. */
  logits(images: Images | FloatImages): Promise<Logits>;
}

/** What every detector says of itself. A new one is a file, a line in the registry, and a test. */
export interface Detector {
  /** Unique and stable: `energy`. */
  readonly name: string;
  /** For people, in the middle of a sentence. */
  readonly title: string;
  readonly paper: string;
  /** What it looks at beside the logits. */
  readonly needs: 'logits' | 'features' | 'levels' | 'gradient' | 'image';
  /** Whether it needs the weights of the last layer, too. Not when absent. */
  readonly needsLayer?: true;
  /** Whether adding a constant to all logits leaves the score as it is, so that logarithms of probabilities serve as well. */
  readonly isShiftInvariant: boolean;
  /** Whether it supposes that just one class is right, so that it says nothing of independent sigmoids. */
  readonly isOfSoftmax: boolean;
  /**
   * Fits it to images of the known kind, in one or several passes.
   *
   * @throws InputError where the images do not suffice: a sentence
   */
  fit(source: FitSource): Promise<FittedDetector>;
}

/** A detector that looks at the logits alone, and needs no fitting. */
export interface LogitDetector extends Detector {
  readonly needs: 'logits';
  /**
   * @param logits of one image, finite
   * @returns larger for images that are more like those the network was trained on
   */
  score(logits: Float32Array): number;
}

/** Whether a detector can be asked without a fit. */
export function isLogitDetector(detector: Detector): detector is LogitDetector {
  return detector.needs === 'logits' && 'score' in detector;
}
