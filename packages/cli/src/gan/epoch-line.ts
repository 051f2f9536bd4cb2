/** @file A line of `epochs.jsonl` of a training of two networks against each other. */

import { z } from 'zod';

export interface GanEpochLine {
  /** From 1. */
  readonly epoch: number;
  /** Steps so far. */
  readonly step: number;
  /** Means over the epoch, in nats; the first with the penalty. */
  readonly discriminatorLoss: number;
  readonly generatorLoss: number;
  /** Shares of the real and of the generated images of the epoch that the discriminator was right about. */
  readonly realRight: number;
  readonly fakeRight: number;
  /** How much generated images differ, beside real ones that were held out: 1 for as much, 0 for twins. */
  readonly diversity: number;
  /** Spent on the training so far, over all sittings. */
  readonly seconds: number;
}

export const GAN_EPOCH_LINE: z.ZodType<GanEpochLine> = z.object({
  epoch: z.int().min(1),
  step: z.int().min(1),
  discriminatorLoss: z.number(),
  generatorLoss: z.number(),
  realRight: z.number(),
  fakeRight: z.number(),
  diversity: z.number(),
  seconds: z.number(),
});
