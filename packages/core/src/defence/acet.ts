import { z } from 'zod';
import { defineDefence, OUTLIERS } from './defence.ts';
import { checkMovement, type Movement, usualStepSize } from './moved-images.ts';
import { outlierConfidence } from './outlier-confidence.ts';

const NAME = 'acet';

/**
 * Adversarial confidence enhancing training (Hein, Andriushchenko and Bitterwolf 2019, arXiv:1812.05720, equation 5): as CEDA, on
 * outliers that projected gradient ascent has moved to where the network is most certain.
 */
export const acet = defineDefence({
  name: NAME,
  summary: 'as ceda, on outliers moved to where the network is most certain of them (Hein et al. 2019)',
  needsOutliers: true,
  settings: z.object({
    weight: z.number().min(0).max(1000).default(1).describe('of the outliers against the examples'),
    epsilon: z.number().gt(0).max(1).default(0.3).describe('how far outliers are moved, in Linf'),
    steps: z.int().min(1).max(100_000).default(40).describe('steps of the ascent'),
    stepSize: z.number().min(0).max(1).default(0).describe('length of each; 0 is 2.5 epsilon / steps'),
  }),
  parts: ({ weight, epsilon, steps, stepSize }) => {
    const length = stepSize === 0 ? usualStepSize(epsilon, steps) : stepSize;
    const movement: Movement = {
      objective: 'confidence',
      epsilon,
      steps,
      stepSize: Math.min(1, length),
      start: 'ball',
    };
    checkMovement(NAME, movement);
    return { rows: [{ name: NAME, of: OUTLIERS, movement }], terms: [outlierConfidence(weight, NAME)] };
  },
});
