/** @file Who is told how a training goes. */

import type { EpochProgress, StepProgress } from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import type { TrainSettings } from './settings.ts';

export interface TrainObserver {
  begin(beginning: TrainBeginning): void;
  /** How a given network does before it is trained: the share of the images held out that it classifies right. */
  before(accuracy: number, classes: number): void;
  /** A network of a series is trained; 0 is the first. */
  round(round: number, rounds: number): void;
  /** Images are evolved that fool the network of a round. */
  search(round: number, search: number): void;
  step(progress: () => StepProgress): void;
  epoch(progress: EpochProgress): void;
}

export interface TrainBeginning {
  readonly settings: TrainSettings;
  readonly seed: number;
  readonly data: DataSplit;
  /** Values that are trained, and those of weights that stay as they are. */
  readonly parameters: number;
  readonly frozen: number;
  /** Sentences without a full stop. */
  readonly notices: readonly string[];
  readonly resumed: boolean;
}
