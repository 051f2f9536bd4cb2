/** @file Who is told how the training of a generator goes. */

import type { GanProgress, GanTrouble } from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import type { GanEpochLine } from './epoch-line.ts';
import type { GanSettings } from './settings.ts';

export interface GanObserver {
  begin(beginning: GanBeginning): void;
  step(progress: () => GanProgress): void;
  epoch(line: GanEpochLine, imagesPerSecond: number): void;
  /** Told at each epoch that ends with the trouble. */
  trouble(trouble: GanTrouble): void;
}

export interface GanBeginning {
  readonly settings: GanSettings;
  readonly seed: number;
  readonly data: DataSplit;
  /** Values that are trained. */
  readonly generator: number;
  readonly discriminator: number;
  readonly resumed: boolean;
  readonly out: string;
}
