import { z } from 'zod';
import { defineDefence, EXAMPLES } from './defence.ts';
import { checkMovement, type Movement } from './moved-images.ts';

const NAME = 'adversarial-training';

/** Labels are learned from adversarial examples alone (Madry et al. 2018, arXiv:1706.06083, equation 2.1). */
export const madry = defineDefence({
  name: NAME,
  summary: 'labels are learned from the worst images of a ball around each example (Madry et al. 2018)',
  needsOutliers: false,
  settings: z.object({
    epsilon: z.number().gt(0).max(1).default(0.3).describe('radius of the ball in Linf'),
    steps: z.int().min(1).max(100_000).default(40).describe('steps of the descent'),
    stepSize: z.number().gt(0).max(1).default(0.01).describe('length of each'),
  }),
  parts: ({ epsilon, steps, stepSize }) => {
    const movement: Movement = { objective: 'label', epsilon, steps, stepSize, start: 'ball' };
    checkMovement(NAME, movement);
    return { labelled: NAME, rows: [{ name: NAME, of: EXAMPLES, movement }] };
  },
});
