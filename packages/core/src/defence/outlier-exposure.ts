import { uniformCrossEntropy } from '@pareidolia/autodiff';
import { z } from 'zod';
import { defineDefence, OUTLIERS } from './defence.ts';

/** Cross-entropy of outliers against the uniform distribution (Hendrycks, Mazeika and Dietterich 2019, arXiv:1812.04606). */
export const outlierExposure = defineDefence({
  name: 'outlier-exposure',
  summary: 'outliers are to get all classes alike: their cross-entropy against uniform (Hendrycks et al. 2019)',
  needsOutliers: true,
  settings: z.object({
    weight: z.number().min(0).max(1000).default(0.5).describe('of the outliers against the examples'),
  }),
  parts: ({ weight }) => ({
    terms: [
      {
        weight,
        groups: [OUTLIERS],
        objective(b, [logits = '']) {
          const { value, cotangent } = uniformCrossEntropy(b, logits);
          return { value, cotangents: [cotangent] };
        },
      },
    ],
  }),
});
