import { divergence } from '@pareidolia/autodiff';
import { z } from 'zod';
import { defineDefence, EXAMPLES } from './defence.ts';
import { checkMovement, type Movement } from './moved-images.ts';

const NAME = 'trades';

/**
 * Examples are to get the same answer all over a ball (Zhang et al. 2019, arXiv:1901.08573, equation 5): beta times the divergence
 * of the answers to those that projected gradient ascent finds to differ most. It begins beside the example, as the authors' code
 * does.
 */
export const trades = defineDefence({
  name: NAME,
  summary: 'the answer is to be the same all over a ball around each example (TRADES, Zhang et al. 2019)',
  needsOutliers: false,
  settings: z.object({
    beta: z.number().min(0).max(1000).default(6).describe('of the divergence against the cross-entropy'),
    epsilon: z.number().gt(0).max(1).default(0.3).describe('radius of the ball in Linf'),
    steps: z.int().min(1).max(100_000).default(40).describe('steps of the ascent'),
    stepSize: z.number().gt(0).max(1).default(0.01).describe('length of each'),
  }),
  parts: ({ beta, epsilon, steps, stepSize }) => {
    const movement: Movement = { objective: 'divergence', epsilon, steps, stepSize, start: 'beside' };
    checkMovement(NAME, movement);
    return {
      rows: [{ name: NAME, of: EXAMPLES, movement }],
      terms: [
        { weight: beta, groups: [EXAMPLES, NAME], objective: (b, [own = '', other = '']) => divergence(b, own, other) },
      ],
    };
  },
});
