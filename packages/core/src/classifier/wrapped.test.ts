import { describe, expect, it } from 'vitest';
import type { Classifier } from './classifier.ts';
import { metered } from './metered.ts';
import { queryBudget } from './query-budget.ts';
import { wrapped } from './wrapped.ts';

const never = () => Promise.reject(new Error('asked'));
const labels: Classifier = {
  shape: { channels: 1, height: 1, width: 1 },
  numClasses: 2,
  classNames: ['a', 'b'],
  where: 'api.example',
  answers: 'labels',
  noGradient: 'api.example tells only the label',
  predict: never,
  logits: never,
  gradient: never,
};

describe('a classifier in front of another', () => {
  it.each([
    ['wrapped', wrapped(labels, {})],
    ['metered', metered(labels, () => {})],
    ['with a budget', queryBudget(labels, 1)],
  ])('tells what the other one tells: %s', (_, outer) => {
    expect(outer.answers).toBe('labels');
    expect(outer.noGradient).toBe('api.example tells only the label');
  });

  it('says nothing where the other one says nothing', () => {
    const { answers: _, noGradient: __, ...scores } = labels;
    expect(wrapped(scores, {})).not.toHaveProperty('answers');
    expect(wrapped(scores, {})).not.toHaveProperty('noGradient');
  });
});
