/** @file What a detector of outliers is: a score of one image that is larger for those of the kind the network knows. */

/** What every detector says of itself. */
interface DetectorBase {
  /** Unique and stable: `energy`. */
  readonly name: string;
  /** For people, in the middle of a sentence. */
  readonly title: string;
  readonly paper: string;
}

/** A detector that looks at the logits alone, and needs no fitting. */
export interface LogitDetector extends DetectorBase {
  readonly needs: 'logits';
  /** Whether adding a constant to all logits leaves the score as it is, so that logarithms of probabilities serve as well. */
  readonly isShiftInvariant: boolean;
  /** Whether it supposes that just one class is right, so that it says nothing of independent sigmoids. */
  readonly isOfSoftmax: boolean;
  /**
   * @param logits of one image, finite
   * @returns larger for images that are more like those the network was trained on
   */
  score(logits: Float32Array): number;
}

/** A detector. Kinds with other needs, such as features and a fit to training images, differ in `needs`. */
export type Detector = LogitDetector;
