/** @file How often genes mutate. */

import { z } from 'zod';

/** The settings that mutation of genes has in every encoding; the defaults are the paper's. */
export const MUTATION_SETTINGS = {
  mutationRate: z.number().gt(0).max(1).default(0.1).describe('chance of each gene to mutate'),
  eta: z
    .number()
    .gt(0)
    .max(1000)
    .default(15)
    .describe('distribution index of polynomial mutation: larger, smaller steps'),
  halveEvery: z
    .int()
    .min(0)
    .default(1000)
    .describe('the chance halves each time that many generations have passed; 0 keeps it'),
};

/**
 * The chance of a gene to mutate in a generation.
 *
 * @returns in (0, 1]
 */
export function rateAt(
  { mutationRate, halveEvery }: { readonly mutationRate: number; readonly halveEvery: number },
  generation: number,
): number {
  return halveEvery === 0 ? mutationRate : mutationRate * 0.5 ** Math.floor(generation / halveEvery);
}
