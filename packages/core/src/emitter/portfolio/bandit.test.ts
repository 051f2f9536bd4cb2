import { describe, expect, it } from 'vitest';
import { DiscountedBandit } from './bandit.ts';

describe('a bandit', () => {
  it('takes each arm once in their order, and then what earns most for what it costs', () => {
    const bandit = new DiscountedBandit(3, 1, 0);
    const taken: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const [arm] = bandit.order();
      taken.push(arm!);
      // The second arm earns most, the third most for its cost.
      bandit.tell(arm!, [10, 100, 1][arm!]!, [1, 50, 2][arm!]!);
    }
    expect(taken).toEqual([0, 1, 2, 2, 2, 2]);
  });

  it('has the bound rate / best rate + exploration sqrt(ln(all turns) / turns)', () => {
    const bandit = new DiscountedBandit(2, 1, 0.5);
    for (let i = 0; i < 9; i++) bandit.tell(0, 1, 1);
    bandit.tell(1, 1, 0.7);
    // 1 + .5 sqrt(ln 10 / 9) = 1.253 is below .7 + .5 sqrt(ln 10 / 1) = 1.459.
    expect(bandit.order()).toEqual([1, 0]);
    for (let i = 0; i < 3; i++) bandit.tell(1, 1, 0.7);
    // 1 + .5 sqrt(ln 13 / 9) = 1.267 is above .7 + .5 sqrt(ln 13 / 4) = 1.100.
    expect(bandit.order()).toEqual([0, 1]);
  });

  it('forgets: after n turns of others a turn counts discount^n', () => {
    const bandit = new DiscountedBandit(2, 0.5, 0);
    bandit.tell(0, 8, 4);
    for (let i = 0; i < 3; i++) bandit.tell(1, 1, 1);
    expect(bandit.arms).toEqual([
      { turns: 0.125, spent: 1, earned: 0.5 },
      { turns: 1.75, spent: 1.75, earned: 1.75 },
    ]);
  });

  it('orders arms that have earned nothing by how little they are known', () => {
    const bandit = new DiscountedBandit(3, 1, 0.1);
    bandit.tell(0, 1, 0);
    bandit.tell(1, 1, 0);
    bandit.tell(2, 1, 0);
    bandit.tell(1, 1, 0);
    expect(bandit.order()).toEqual([0, 2, 1]);
  });
});
