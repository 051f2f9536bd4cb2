/** @file The result of `pareidolia train gan`. */

import type { GanTrouble } from '@pareidolia/core';
import type { NetworkFile } from '../generator-training/networks.ts';

/** The object of `--json`, and of `result.json`. */
export interface GanResult {
  readonly architecture: string;
  readonly data: string;
  readonly seed: number;
  readonly epochs: number;
  readonly conditional: boolean;
  readonly latent: number;
  /** Values that were trained. */
  readonly parameters: { readonly generator: number; readonly discriminator: number };
  /** Means over the last epoch, in nats. */
  readonly discriminatorLoss: number;
  readonly generatorLoss: number;
  /** Shares that the discriminator was right about in the last epoch. */
  readonly realRight: number;
  readonly fakeRight: number;
  /** How much generated images differ, beside real ones that were held out. */
  readonly diversity: number;
  /** What went wrong by the end; `null` where nothing did. */
  readonly trouble: GanTrouble | null;
  /** Of the training, over all sittings. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** The folder, and the files in it. */
  readonly out: string;
  readonly generator: NetworkFile;
  readonly discriminator: NetworkFile;
  readonly samples: string;
}
