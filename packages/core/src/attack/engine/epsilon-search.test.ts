import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { greyAtDistances } from '../../testing/linear-model.ts';
import { apgdT } from '../algorithms/apgd.ts';
import { autoattack } from '../algorithms/autoattack.ts';
import { square } from '../algorithms/square.ts';
import { attackImages } from '../run.ts';

/** An image whose nearest image of another class lies .3 away in Linf, far beyond the first epsilons that are tried. */
const exact = 0.3;

describe.each([true, false])(
  'the smallest epsilon under a budget that one failure would use up (8 bits: %s)',
  (quantize) => {
    it.each([
      // 101 queries at an epsilon where it fails; AutoAttack's four attacks more than 5,000 and Square 10,000.
      { attack: apgdT, budget: 150, within: 1.05 },
      { attack: autoattack, budget: 600, within: 1.05 },
      { attack: square, budget: 1000, within: 2 },
    ])('is bracketed by $attack.name with $budget queries', async ({ attack, budget, within }) => {
      const { model, images, labels } = greyAtDistances(Random.stream(34, 3), 'linf', [exact]);
      const [result] = await attackImages(model, attack, images, labels, { seed: 1, batch: 1, quantize, budget });
      expect(result!.success).toBe(true);
      expect(result!.queries.forward).toBeLessThanOrEqual(budget);
      expect(result!.distances!.linf / exact).toBeGreaterThan(1 - 1e-5);
      expect(result!.distances!.linf / exact).toBeLessThan(within);
      expect(result!.cut).toBe('budget');
    });
  },
);
