import { describe, expect, it } from 'vitest';
import { answerOf } from './answers.ts';
import { brierScore, negativeLogLikelihood } from './proper-scores.ts';

const answers = (rows: readonly (readonly number[])[], labels: readonly number[]) =>
  rows.map((row, index) => answerOf(Float32Array.from(row), labels[index]!));

describe('the negative log-likelihood', () => {
  it("is that of the example of scikit-learn's log_loss", () => {
    const rows = [
      [0.1, 0.9],
      [0.9, 0.1],
      [0.8, 0.2],
      [0.35, 0.65],
    ];
    expect(negativeLogLikelihood(answers(rows, [1, 0, 0, 1]))).toBeCloseTo(0.21616, 5);
  });

  it('stays finite where the right class gets 0', () => {
    expect(negativeLogLikelihood(answers([[1, 0]], [1]))).toBeCloseTo(23 * Math.LN2, 12);
  });
});

describe('the Brier score', () => {
  it("is twice that of the example of scikit-learn's brier_score_loss, which counts one of two classes", () => {
    const positive = [0.1, 0.9, 0.8, 0.3];
    const rows = positive.map((p) => [1 - p, p]);
    expect(brierScore(answers(rows, [0, 1, 1, 0]))).toBeCloseTo(2 * 0.0375, 6);
  });

  it('is 0 for what is right and certain, and 2 for what is wrong and certain', () => {
    expect(brierScore(answers([[0, 1, 0]], [1]))).toBe(0);
    expect(brierScore(answers([[0, 1, 0]], [2]))).toBe(2);
  });
});
