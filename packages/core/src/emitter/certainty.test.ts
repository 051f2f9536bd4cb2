import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { byCertainty, drawByRank, logOdds } from './certainty.ts';

describe('certainty', () => {
  it('is log-odds, finite also where a confidence is 0 or 1', () => {
    expect(logOdds(0.5)).toBe(0);
    expect(logOdds(0.9)).toBeCloseTo(Math.log(9), 12);
    expect(logOdds(1e-10)).toBeCloseTo(Math.log(1e-10), 9);
    expect(logOdds(1)).toBeLessThan(17);
    expect(logOdds(1)).toBeGreaterThan(logOdds(1 - 2 ** -23));
    expect(Number.isFinite(logOdds(0))).toBe(true);
  });

  it('orders the filled cells, the least certain first', () => {
    const elite = (confidence: number) => ({ genome: new Uint8Array(), id: 0, confidence });
    expect(byCertainty({ elites: [elite(0.9), undefined, elite(0.1), elite(0.9), elite(0.5)] })).toEqual([2, 4, 0, 3]);
  });

  it('draws the first of four with the chance (1/4)^(1/2) at pressure 2', () => {
    const random = Random.stream(1);
    let first = 0;
    for (let i = 0; i < 4000; i++) if (drawByRank(['a', 'b', 'c', 'd'], 2, random) === 'a') first++;
    expect(Math.abs(first - 2000)).toBeLessThan(5 * Math.sqrt(1000));
  });
});
