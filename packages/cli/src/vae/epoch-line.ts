/** @file A line of `epochs.jsonl` of a training of a variational autoencoder. */

import { z } from 'zod';

export interface VaeEpochLine {
  /** From 1. */
  readonly epoch: number;
  /** Steps so far. */
  readonly step: number;
  /** Means over the epoch, in nats for each image; the first is the sum of the other two. */
  readonly loss: number;
  readonly reconstruction: number;
  readonly divergence: number;
  /** How much generated images differ, beside real ones that were held out: 1 for as much, 0 for twins. */
  readonly diversity: number;
  /** Spent on the training so far, over all sittings. */
  readonly seconds: number;
}

export const VAE_EPOCH_LINE: z.ZodType<VaeEpochLine> = z.object({
  epoch: z.int().min(1),
  step: z.int().min(1),
  loss: z.number(),
  reconstruction: z.number(),
  divergence: z.number(),
  diversity: z.number(),
  seconds: z.number(),
});
