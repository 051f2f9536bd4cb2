import { expect, it } from 'vitest';
import { classMeasures, confusionOf } from './confusion.ts';

// The example of scikit-learn's documentation of confusion_matrix.
const labels = [2, 0, 2, 2, 0, 1];
const predictions = [0, 0, 2, 2, 0, 2];
const answers = labels.map((label, index) => ({ label, prediction: predictions[index]! }));

it('the confusion matrix has the right classes in its rows', () => {
  // [[2, 0, 0], [0, 0, 1], [1, 0, 2]]
  expect(confusionOf(answers)).toEqual([
    { label: 0, prediction: 0, count: 2 },
    { label: 1, prediction: 2, count: 1 },
    { label: 2, prediction: 0, count: 1 },
    { label: 2, prediction: 2, count: 2 },
  ]);
});

it('recall is of the images of a class, precision of the decisions for it', () => {
  expect(classMeasures(confusionOf(answers), 4)).toEqual([
    { classIndex: 0, support: 2, predicted: 3, right: 2, recall: 1, precision: 2 / 3 },
    { classIndex: 1, support: 1, predicted: 0, right: 0, recall: 0, precision: null },
    { classIndex: 2, support: 3, predicted: 3, right: 2, recall: 2 / 3, precision: 2 / 3 },
    { classIndex: 3, support: 0, predicted: 0, right: 0, recall: null, precision: null },
  ]);
});
