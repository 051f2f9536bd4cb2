import { describe, expect, it } from 'vitest';
import { decide, rateAbove, reached } from './verdict.ts';

const [yes, no, open] = [{ holds: true }, { holds: false }, { lacking: 'more' }];

describe('a verdict', () => {
  it.each([
    [[yes, yes], 'reproduced'],
    [[yes, no], 'partly reproduced'],
    [[no, no], 'not reproduced'],
    [[yes, open], 'inconclusive'],
    [[no, open], 'inconclusive'],
  ])('of %j is %s', (conditions, verdict) => {
    expect(decide(conditions).verdict).toBe(verdict);
  });

  it('says what is lacking, each once', () => {
    expect(decide([open, { lacking: 'seeds' }, open]).lacking).toBe('more; seeds');
    expect(decide([yes])).toEqual({ verdict: 'reproduced' });
  });
});

describe('a figure that more work can only raise', () => {
  const effort = (done: number) => ({ done, published: 200, what: 'generations' });

  it('stands where it is reached, and is missed only after as much work as published', () => {
    expect(reached(true, effort(3))).toEqual({ holds: true });
    expect(reached(false, effort(200))).toEqual({ holds: false });
    expect(reached(false, effort(30))).toEqual({ lacking: 'it took 30 of 200 generations' });
  });
});

describe('a rate', () => {
  it('is open while its interval holds the bound', () => {
    // Clopper and Pearson: 5 of 5 from .025^(1/5) = .478, 6 of 6 from .541.
    expect(rateAbove(5, 5, 0.5, 'images')).toMatchObject({
      lacking: expect.stringMatching(/^images: 5 of 5.*47\.8.*100/),
    });
    expect(rateAbove(6, 6, 0.5, 'images')).toEqual({ holds: true });
    expect(rateAbove(0, 6, 0.5, 'images')).toEqual({ holds: false });
    expect(rateAbove(0, 0, 0.5, 'images')).toMatchObject({ lacking: expect.stringContaining('none were counted') });
  });
});
