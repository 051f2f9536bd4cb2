/** @file One image under attack. */

import type { ImageShape } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import type { Criterion } from '../criterion.ts';
import type { SampleObjective } from './query.ts';

/** An image whose decision is known: attacks that see decisions only can begin there. */
export interface KnownStart {
  /** `C x H x W` in [0, 1]. */
  readonly image: Float32Array;
  /** The class that the network takes it for. */
  readonly decision: number;
}

/** What an attack knows of the image it works on. */
export interface Sample {
  readonly shape: ImageShape;
  /** The number of classes. */
  readonly numClasses: number;
  /** `C x H x W` in [0, 1]: the original. */
  readonly image: Float32Array;
  /** Of the original. */
  readonly logits: Float32Array;
  readonly criterion: Criterion;
  /** A stream of this image and attack alone. */
  readonly random: Random;
  /** Whether only images that an 8-bit file can hold count; they do when absent. */
  readonly quantize?: boolean;
  /** The same for all images; none when absent. */
  readonly starts?: readonly KnownStart[];
}

/** The same image where the criterion's margin has to exceed a confidence, a difference of logits. */
export function demanding(sample: Sample, confidence: number): Sample {
  return { ...sample, criterion: { ...sample.criterion, confidence } };
}

/** An objective, and whether it has to grow (1) or to fall (-1) for the criterion to come nearer. */
export interface Direction {
  readonly objective: SampleObjective;
  readonly sign: 1 | -1;
}

/** Cross-entropy: away from the label, or towards the target. */
export function crossEntropy({ label, target }: Criterion): Direction {
  return { objective: { kind: 'log-probability', classIndex: target ?? label }, sign: target === undefined ? -1 : 1 };
}

/** The margin of the criterion (see `criterionMargin`). */
export function marginTo({ label, target }: Criterion): Direction {
  return { objective: { kind: 'margin', classIndex: target ?? label }, sign: target === undefined ? 1 : -1 };
}

/** Z_of - Z_from. */
export function logitDifference(classes: number, of: number, from: number): SampleObjective {
  const weights = new Float32Array(classes);
  weights[of]! += 1;
  weights[from]! -= 1;
  return { kind: 'linear', weights };
}
