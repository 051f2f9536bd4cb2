/** @file The confusion matrix, and recall and precision of each class. */

import type { Answer } from './answers.ts';

/** How often each class was taken for each. */
export interface Confusion {
  readonly numClasses: number;
  /** `classes x classes`, row-major: images of the class of the row that were taken for the class of the column. */
  readonly counts: Uint32Array;
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

export function confusionOf(answers: readonly Pick<Answer, 'label' | 'prediction'>[], numClasses: number): Confusion {
  const counts = new Uint32Array(numClasses * numClasses);
  for (const { label, prediction } of answers) counts[label * numClasses + prediction]!++;
  return { numClasses, counts };
}

/** One for each class, in their order. */
export function classMeasures({ numClasses, counts }: Confusion): ClassMeasures[] {
  return Array.from({ length: numClasses }, (_, k) => {
    let [support, predicted] = [0, 0];
    for (let other = 0; other < numClasses; other++) {
      support += counts[k * numClasses + other]!;
      predicted += counts[other * numClasses + k]!;
    }
    const right = counts[k * numClasses + k]!;
    return {
      classIndex: k,
      support,
      predicted,
      right,
      recall: support === 0 ? null : right / support,
      precision: predicted === 0 ? null : right / predicted,
    };
  });
}
