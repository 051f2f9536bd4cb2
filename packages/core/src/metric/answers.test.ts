import { describe, expect, it } from 'vitest';
import { accuracy, topAccuracy } from './accuracy.ts';
import { answerOf } from './answers.ts';

const row = Float32Array.of(0.125, 0.5, 0.25, 0.125);

describe('the answer for an image', () => {
  it('has the place of the right class among the scores', () => {
    expect(answerOf(row, 1)).toEqual({
      label: 1,
      prediction: 1,
      rank: 0,
      confidence: 0.5,
      labelScore: 0.5,
      squares: 0.34375,
    });
    expect(answerOf(row, 2).rank).toBe(1);
    expect(answerOf(row, 0).rank).toBe(2);
  });

  it('is not right where its score is only as large as that of the decision', () => {
    expect(answerOf(Float32Array.of(1, 1, 0), 1)).toMatchObject({ prediction: 0, rank: 1 });
    expect(answerOf(Float32Array.of(1, 1, 0), 1, 1)).toMatchObject({ prediction: 1, rank: 0 });
  });
});

it('top-k accuracy counts the images whose class is among the first k', () => {
  const answers = [0, 0, 1, 4, 5].map((rank) => ({ rank }));
  expect(topAccuracy(answers)).toEqual(accuracy(2, 5));
  expect(topAccuracy(answers, 5)).toMatchObject({ right: 4, of: 5, share: 0.8 });
});
