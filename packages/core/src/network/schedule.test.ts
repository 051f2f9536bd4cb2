import { expect, test } from 'vitest';
import { learningRateAt } from './schedule.ts';

test('the cosine starts at its base, is half of it in the middle and ends at zero', () => {
  const at = (step: number) => learningRateAt({ kind: 'cosine', base: 0.1 }, step, 100);
  expect(at(0)).toBeCloseTo(0.1, 12);
  expect(at(50)).toBeCloseTo(0.05, 12);
  expect(at(25)).toBeCloseTo(0.05 * (1 + Math.SQRT1_2), 12);
  expect(at(100)).toBeCloseTo(0, 12);
});

// Caffe's log of examples/mnist: "Iteration 100, lr = 0.00992565", "Iteration 9900, lr = 0.00596843".
test('the inverse policy follows the log of Caffe', () => {
  const caffe = { kind: 'inverse', base: 0.01, gamma: 0.0001, power: 0.75 } as const;
  expect(learningRateAt(caffe, 100, 10000)).toBeCloseTo(0.00992565, 8);
  expect(learningRateAt(caffe, 9900, 10000)).toBeCloseTo(0.00596843, 8);
});

test('the steps are of equal length', () => {
  const rates = Array.from({ length: 9 }, (_, step) =>
    learningRateAt({ kind: 'steps', base: 1, factor: 0.5, pieces: 3 }, step, 9),
  );
  expect(rates).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]);
});
