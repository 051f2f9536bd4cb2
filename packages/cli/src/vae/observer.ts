/** @file Who is told how the training of a variational autoencoder goes. */

import type { VaeProgress } from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import type { VaeEpochLine } from './epoch-line.ts';
import type { VaeSettings } from './settings.ts';

export interface VaeObserver {
  begin(beginning: VaeBeginning): void;
  step(progress: () => VaeProgress): void;
  epoch(line: VaeEpochLine, imagesPerSecond: number): void;
  /** Told at each epoch that ends with images that are all but the same. */
  collapsed(): void;
}

export interface VaeBeginning {
  readonly settings: VaeSettings;
  readonly seed: number;
  readonly data: DataSplit;
  /** Values that are trained. */
  readonly encoder: number;
  readonly decoder: number;
  readonly resumed: boolean;
  readonly out: string;
}
