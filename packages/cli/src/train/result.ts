/** @file The result of `pareidolia train`. */

import type { AdversarialTraining, ChosenDefence } from '@pareidolia/core';
import type { FoolingClass } from './fooling-class.ts';
import type { Robustness } from './robustness.ts';

/** A network of the series that is trained on fooling images, and how it was fooled. */
export interface FooledNetwork {
  /** Fooling images that it was trained on. */
  readonly added: number;
  readonly validationAccuracy: number;
  /** Median over classes and searches of the confidence in new fooling images. */
  readonly medianConfidence: number;
  /** Share of the newest fooling images of the network before that it puts in the added class; `null` for the first one. */
  readonly recognized: number | null;
}

/** The object of `--json`, and of `result.json`. */
export interface TrainResult {
  /** Of networks made here the kind, else the file's name. */
  readonly network: string;
  /** The model that was trained on; `null` for networks made here. */
  readonly from: string | null;
  readonly data: string;
  readonly seed: number;
  readonly epochs: number;
  /** Values that were trained. */
  readonly parameters: number;
  /** Values of weights that stayed as they were. */
  readonly frozen: number;
  /** Before the training; `null` where the network did not know the classes. */
  readonly validationAccuracyBefore: number | null;
  readonly validationAccuracy: number;
  /** `null` where the data have no test part. */
  readonly testAccuracy: number | null;
  /** `null` where the examples were not adversarial. */
  readonly adversarial: AdversarialTraining | null;
  /** `null` where there were none. */
  readonly defences: readonly ChosenDefence[] | null;
  /** As the user named them; `null` where there were none. */
  readonly outliers: string | null;
  /** `null` without a class of fooling images. */
  readonly foolingClass: (FoolingClass & { readonly networks: readonly FooledNetwork[] }) | null;
  /** Measured where the training was adversarial, within the largest epsilon. */
  readonly robustness: Robustness | null;
  /** Of the training, over all sittings. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly out: string;
  readonly card: string;
  readonly sha256: string;
}
