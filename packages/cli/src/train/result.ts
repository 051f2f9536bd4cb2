/** @file The result of `pareidolia train`. */

import type { AdversarialTraining } from '@pareidolia/core';
import type { Robustness } from './robustness.ts';

/** The object of `--json`, and of `result.json`. */
export interface TrainResult {
  readonly network: string;
  readonly data: string;
  readonly seed: number;
  readonly epochs: number;
  readonly parameters: number;
  readonly validationAccuracy: number;
  /** `null` where the data have no test part. */
  readonly testAccuracy: number | null;
  /** `null` where the examples were not adversarial. */
  readonly adversarial: AdversarialTraining | null;
  /** Measured where the training was adversarial. */
  readonly robustness: Robustness | null;
  /** Of the training, over all sittings. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly out: string;
  readonly card: string;
  readonly sha256: string;
}
