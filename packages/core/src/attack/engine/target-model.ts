/** @file What is attacked, and what is counted of it. */

import type { Gradients, Logits, Objective } from '../../classifier/objective.ts';
import type { FloatImages, ImageShape, Images } from '../../image/images.ts';

/** What attacks need of a classifier; `Classifier` is one. */
export interface TargetModel {
  /** Of the images it takes. */
  readonly shape: ImageShape;
  readonly numClasses: number;
  /** @param images bytes of a file, or floats in [0, 1] */
  logits(images: FloatImages | Images): Promise<Logits>;
  /** @returns logits, and value and gradient of the objective with respect to pixels in [0, 1] */
  gradient(images: FloatImages, objective: Objective): Promise<Gradients>;
}

/** Passes through the network, counted for each image. */
export interface QueryCount {
  readonly forward: number;
  readonly backward: number;
}
