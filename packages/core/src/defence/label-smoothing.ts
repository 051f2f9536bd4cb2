import { z } from 'zod';
import { defineDefence } from './defence.ts';

/** Labels that leave room for doubt (Szegedy et al. 2016, arXiv:1512.00567, section 7): a baseline, no defence of its own. */
export const labelSmoothing = defineDefence({
  name: 'label-smoothing',
  summary: 'labels leave some probability to all classes (Szegedy et al. 2016); a baseline',
  needsOutliers: false,
  settings: z.object({
    smoothing: z.number().min(0).lt(1).default(0.1).describe('probability that is spread over all classes'),
  }),
  parts: ({ smoothing }) => ({ smoothing }),
});
