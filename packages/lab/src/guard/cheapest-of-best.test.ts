import { expect, it } from 'vitest';
import { type Candidate, cheapestOfBest } from './cheapest-of-best.ts';

function candidate(difference: number, work: number | null, isWithinChance = true): Candidate {
  return {
    cost: work === null ? null : { work, bytes: 8 },
    behind: { difference, interval: [difference - 0.4, difference + 0.4], isWithinChance },
  };
}

it('takes the cheapest of those that stop hardly less', () => {
  const [best, close] = [candidate(0, 900), candidate(0.004, 5)];
  expect(cheapestOfBest([best, close, candidate(0.009, 70)])).toBe(close);
});

it('does not give away what was measured for a lower price, where few images leave much within chance', () => {
  const best = candidate(0, 900);
  expect(cheapestOfBest([candidate(0.263, 5), best])).toBe(best);
});

it('takes none that stops less beyond chance, and none that cannot be folded', () => {
  const best = candidate(0, 900);
  expect(cheapestOfBest([candidate(0.005, 5, false), best, candidate(-0.2, null)])).toBe(best);
});
