import { drawDigits } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { goalOf } from './goals.ts';

const DIGITS = { shape: { channels: 1, height: 28, width: 28 }, classNames: [...'0123456789'] } as const;
const scores = Float32Array.from({ length: 10 }, (_, index) => index / 100);

it('a drawn digit resembles its class, and stripes resemble none', () => {
  const { images, labels } = drawDigits(20, 77);
  let resembling = 0;
  for (let row = 0; row < images.count; row++) {
    const { goal } = goalOf(DIGITS, labels[row])(images.data.subarray(784 * row, 784 * (row + 1)), scores);
    expect(goal).toMatchObject({ classIndex: labels[row], confidence: scores[labels[row]!] });
    if (goal?.resembles === true) resembling++;
  }
  // The threshold leaves out 5 % of drawn digits.
  expect(resembling).toBeGreaterThanOrEqual(16);
  const stripes = Uint8Array.from({ length: 784 }, (_, at) => (Math.floor(at / 28) % 4 < 2 ? 255 : 0));
  for (let digit = 0; digit < 10; digit++) expect(goalOf(DIGITS, digit)(stripes, scores).goal?.resembles).toBe(false);
});

it('other networks have no pictures to compare with, and without a goal nothing is told', () => {
  const image = new Uint8Array(784);
  expect(goalOf({ ...DIGITS, classNames: [...'abcdefghij'] }, 3)(image, scores)).toEqual({
    goal: { classIndex: 3, confidence: scores[3] },
  });
  expect(goalOf(DIGITS, undefined)(image, scores)).toEqual({});
});
