/** @file What searches need of a classifier. */

import type { FloatImages, ImageShape, Images } from '../image/images.ts';
import type { Objective } from './objective.ts';
import type { Scores } from './scores.ts';

/** What a search needs of a classifier. */
export interface Scorer {
  readonly shape: ImageShape;
  predict(images: Images): Promise<Scores>;
}

/** What an emitter that follows gradients needs of a classifier. */
export interface GradientScorer extends Scorer {
  /** For each channel the pixel value in [0, 1] that the network receives as zero, clipped to the range. */
  readonly origin: readonly number[];
  /**
   * @param images N images with values in [0, 1]
   * @returns `value`: of the objective, N; `gradient`: its derivative, `N x C x H x W`
   */
  gradient(
    images: FloatImages,
    objective: Extract<Objective, { readonly kind: 'log-probability' | 'margin' | 'dlr' }>,
  ): Promise<{ readonly value: Float32Array; readonly gradient: Float32Array }>;
}

/** Whether a classifier gives gradients. */
export function hasGradient(scorer: Scorer): scorer is GradientScorer {
  return 'gradient' in scorer && 'origin' in scorer;
}
