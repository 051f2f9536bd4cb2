import { describe, expect, it } from 'vitest';
import { constantAnswer, nearlyConstant } from './constant-answer.ts';
import type { Scores } from './scores.ts';

const scores = (...rows: readonly (readonly number[])[]): Scores => ({
  count: rows.length,
  numClasses: rows[0]?.length ?? 0,
  data: Float32Array.from(rows.flat()),
});

describe('answers that do not depend on the image', () => {
  it('are told where every image gets one class', () => {
    const same = scores([0.5, 0.3, 0.2], [0.9, 0.05, 0.05], [0.4, 0.3, 0.3]);
    expect(constantAnswer(same)).toMatch(/^All 3 images are taken for class 0:/);
    expect(constantAnswer(same, ['cat', 'dog', 'cow'])).toContain('the class cat');
    expect(nearlyConstant(same)).toBeUndefined();
  });

  it('are told where the scores hardly differ, whatever the classes', () => {
    const close = scores([0.5, 0.4999], [0.4999, 0.5]);
    expect(constantAnswer(close)).toMatch(/^2 different images get scores that differ by 0.00010 at most/);
    expect(nearlyConstant(close)).toBe(constantAnswer(close));
    expect(constantAnswer(scores([1, 0], [1, 0]))).toContain('exactly the same scores');
  });

  it('are none where the classes differ by more than 1e-3', () => {
    expect(constantAnswer(scores([0.501, 0.499], [0.499, 0.501]))).toBeUndefined();
  });

  it('need two images', () => {
    expect(constantAnswer(scores([1, 0]))).toBeUndefined();
    expect(nearlyConstant(scores([1, 0]))).toBeUndefined();
    expect(nearlyConstant({ count: 0, numClasses: 2, data: new Float32Array() })).toBeUndefined();
  });
});
