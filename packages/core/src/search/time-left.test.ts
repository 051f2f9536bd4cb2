import { expect, it } from 'vitest';
import { TimeLeft } from './time-left.ts';

/** Notes every tenth of a second what a course has done. */
function after(seconds: number, shareAt: (seconds: number) => number): number | undefined {
  const pace = new TimeLeft();
  for (let tenth = 1; tenth <= 10 * seconds; tenth++) pace.note(tenth / 10, shareAt(tenth / 10));
  return pace.secondsLeft;
}

it('says nothing in the first three seconds', () => {
  expect(after(2.9, (seconds) => seconds / 20)).toBeUndefined();
  expect(new TimeLeft().secondsLeft).toBeUndefined();
});

it.each([4, 10, 19])('is right after %d s of a steady course of 20 s', (seconds) => {
  expect(after(seconds, (at) => at / 20)).toBeCloseTo(20 - seconds, 6);
});

it('is within a factor of two after four seconds where the first two were spent on loading', () => {
  // 25 s in all: nothing, then steadily.
  const left = after(4, (at) => Math.max(0, (at - 2) / 23))!;
  expect(left).toBeGreaterThan(21 / 2);
  expect(left).toBeLessThan(21 * 2);
});

it('follows a course that becomes slower', () => {
  // Half in 10 s, the rest in 40 s; looked at after 30 s, when 20 s are left.
  const left = after(30, (at) => (at < 10 ? at / 20 : 0.5 + (at - 10) / 80))!;
  expect(left).toBeCloseTo(20, 6);
});

it('says nothing where nothing moves, and forgets no more than it can afford', () => {
  expect(after(10, () => 0.3)).toBeUndefined();
  expect(after(600, (at) => at / 1200)).toBeCloseTo(600, 0);
});
