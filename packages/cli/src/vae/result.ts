/** @file The result of `pareidolia train vae`. */

import type { NetworkFile } from '../generator-training/networks.ts';

/** The object of `--json`, and of `result.json`. */
export interface VaeResult {
  readonly architecture: string;
  readonly data: string;
  readonly seed: number;
  readonly epochs: number;
  readonly latent: number;
  /** Values that were trained. */
  readonly parameters: { readonly encoder: number; readonly generator: number };
  /** Means over the last epoch, in nats for each image; the first is the sum of the other two. */
  readonly loss: number;
  readonly reconstruction: number;
  readonly divergence: number;
  /** How much generated images differ, beside real ones that were held out. */
  readonly diversity: number;
  /** Whether the generator makes all but the same image whatever its latent vectors are. */
  readonly collapsed: boolean;
  /** Of the training, over all sittings. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** The folder, and the files in it. */
  readonly out: string;
  readonly generator: NetworkFile;
  readonly encoder: Omit<NetworkFile, 'card'>;
  readonly samples: string;
}
