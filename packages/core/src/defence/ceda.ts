import { z } from 'zod';
import { defineDefence, OUTLIERS } from './defence.ts';
import { outlierConfidence } from './outlier-confidence.ts';

/** Confidence enhancing data augmentation (Hein, Andriushchenko and Bitterwolf 2019, arXiv:1812.05720, equation 4). */
export const ceda = defineDefence({
  name: 'ceda',
  summary: 'outliers are to get a low confidence: the logarithm of their largest probability (Hein et al. 2019)',
  needsOutliers: true,
  settings: z.object({
    weight: z.number().min(0).max(1000).default(1).describe('of the outliers against the examples'),
  }),
  parts: ({ weight }) => ({ terms: [outlierConfidence(weight, OUTLIERS)] }),
});
