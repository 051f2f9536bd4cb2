/** @file The confusion matrix, and recall and precision of each class. */

import type { Answer } from './answers.ts';

/** How often images of one class were taken for one class. Pairs that never occur have no entry. */
export interface ConfusionEntry {
  /** The right class: the row of the matrix. */
  readonly label: number;
  /** The class decided for: the column. */
  readonly prediction: number;
  /** At least 1. */
  readonly count: number;
}

/** What became of the images of one class, and what is behind the decisions for it. */
export interface ClassMeasures {
  readonly classIndex: number;
  /** Images of the class. */
  readonly support: number;
  /** Images taken for it. */
  readonly predicted: number;
  /** Both. */
  readonly right: number;
  /** `right / support`; `null` where no image is of the class. */
  readonly recall: number | null;
  /** `right / predicted`; `null` where no image was taken for it. */
  readonly precision: number | null;
}

/** The confusion matrix without its zeros, row by row: of thousands of classes nearly all entries are zero. */
export function confusionOf(answers: readonly Pick<Answer, 'label' | 'prediction'>[]): ConfusionEntry[] {
  const rows = new Map<number, Map<number, number>>();
  for (const { label, prediction } of answers) {
    const row = rows.get(label) ?? new Map<number, number>();
    rows.set(label, row);
    row.set(prediction, (row.get(prediction) ?? 0) + 1);
  }
  return [...rows]
    .flatMap(([label, row]) => [...row].map(([prediction, count]) => ({ label, prediction, count })))
    .sort((a, b) => a.label - b.label || a.prediction - b.prediction);
}

/** One for each class, in their order. */
export function classMeasures(confusion: readonly ConfusionEntry[], numClasses: number): ClassMeasures[] {
  const support = new Float64Array(numClasses);
  const predicted = new Float64Array(numClasses);
  const right = new Float64Array(numClasses);
  for (const { label, prediction, count } of confusion) {
    support[label]! += count;
    predicted[prediction]! += count;
    if (label === prediction) right[label]! += count;
  }
  return Array.from({ length: numClasses }, (_, k) => ({
    classIndex: k,
    support: support[k]!,
    predicted: predicted[k]!,
    right: right[k]!,
    recall: support[k] === 0 ? null : right[k]! / support[k]!,
    precision: predicted[k] === 0 ? null : right[k]! / predicted[k]!,
  }));
}
