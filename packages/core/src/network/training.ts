/** @file What goes into a training, and what comes out. */

import type { Model, Optimizer } from '@pareidolia/autodiff';
import type { Dataset } from '../dataset/dataset.ts';
import type { AdversarialTraining } from '../defence/adversarial-training.ts';
import type { ChosenDefence } from '../defence/defended-batches.ts';
import type { OutlierSource } from '../defence/outliers/source.ts';
import type { Runtime, SessionOptions, Tensors } from '../runtime/runtime.ts';
import type { Distortion } from './distortion.ts';
import type { Evaluation } from './evaluation.ts';
import type { Schedule } from './schedule.ts';

/** What `train` trains, on what, and how. */
export interface TrainingOptions {
  /** From float32 images in [0, 1] to logits; its float32 constants are what is trained. */
  readonly model: Model;
  readonly dataset: Dataset;
  /** Scored after every epoch. */
  readonly validation?: Dataset;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Passes through the dataset. */
  readonly epochs: number;
  /** Examples in a step. */
  readonly batch: number;
  /** Decides the order of the examples, their distortion, the outliers, and where adversarial searches start. */
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly learningRate: Schedule;
  /** Every image is distorted anew in every epoch. Not at all when absent. */
  readonly distortion?: Distortion;
  /** Steps are made on adversarial examples of the (distorted) images. On the images themselves when absent. */
  readonly adversarial?: AdversarialTraining;
  /** What the loss consists of besides the cross-entropy of the labels; not together with `adversarial`. */
  readonly defences?: readonly ChosenDefence[];
  /** Images that show none of the classes, for defences that learn from them: as many in each step as there are examples. */
  readonly outliers?: OutlierSource;
  /** Names of the constants that are trained. All `float32` constants with at least one axis when absent. */
  readonly trainable?: readonly string[];
  /** In `inference` mode running statistics stay as they are, and normalize. `training` when absent. */
  readonly batchNormalization?: 'training' | 'inference';
  /** Where to go on; the result is the same, bit for bit, as that of a training which was never interrupted. */
  readonly resume?: TrainingState;
  /** Called after every step. */
  readonly onStep?: (progress: StepProgress) => void;
  /** Called after every epoch; the next one waits for it. */
  readonly onEpoch?: (progress: EpochProgress) => void | Promise<void>;
  /** Looked at before every step; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /** The time in milliseconds, for rates. */
  readonly now?: () => number;
}

/** What a training has come to; all that is needed to go on. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** The weights, by the names of the model's constants. */
  readonly parameters: Tensors;
  /** What the optimizer remembers. */
  readonly memory: Tensors;
  /** The running means and variances of batch normalization, by the names of the model's constants. */
  readonly statistics: Tensors;
}

/** How far a training is, and how fast. */
export interface Pace {
  /** The epoch that the step belongs to, from 1. */
  readonly epoch: number;
  /** Steps done. */
  readonly step: number;
  /** Steps in the whole training. */
  readonly steps: number;
  /** Examples trained on per second since the training began or was resumed, validation left out. */
  readonly imagesPerSecond: number;
  /** At that rate. */
  readonly secondsLeft: number;
}

/** Where a training stands after a step. */
export interface StepProgress extends Pace {
  /** The loss of what the step was made on before the step: mean cross-entropy in nats, or that of the defences. */
  readonly loss: number;
}

/** Where a training stands after an epoch. */
export interface EpochProgress extends StepProgress {
  /** Mean loss over the steps of the epoch, while the network changed; since the resumption if it was resumed within. */
  readonly meanLoss: number;
  /** Share of the same examples that were classified right; with defences, of those that labels are learned from. */
  readonly trainAccuracy: number;
  /** Absent without a validation set. */
  readonly validation?: Evaluation;
  readonly state: TrainingState;
}

/** What came out of a training. */
export interface TrainingResult {
  /** The network with its new weights. */
  readonly model: Model;
  readonly state: TrainingState;
  /** False where the signal ended it early. */
  readonly complete: boolean;
}
