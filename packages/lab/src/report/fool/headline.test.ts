import { describe, expect, it } from 'vitest';
import { classResult } from '../../testing/fool-report-data.ts';
import { headline } from './headline.ts';

function sentence(searched: number, confidences: readonly number[]): string {
  const classes = confidences.map((confidence, index) => classResult(index, { confidence }));
  const { verdict, finding } = headline({ searched, classes, evaluations: 4100 });
  return `${verdict}: ${finding}`.replaceAll('\u00a0', ' ');
}

describe('the headline', () => {
  it('names the least certain class where all are fooled', () => {
    expect(sentence(3, [1, 0.99975, 0.999999])).toBe(
      'All 3 classes fooled: the network is at least 99.975 % certain of images made to fool it',
    );
    expect(sentence(2, [1, 1])).toMatch(/^Both classes fooled: the network is 100 % certain/);
  });

  it('counts where some are', () => {
    expect(sentence(4, [0.999, 0.2, 0.995, 0.9])).toBe(
      '2 of 4 classes fooled in 4,100 images: there the network is at least 99.5 % certain of images made to fool it',
    );
  });

  it('does not boast of few', () => {
    const confidences = [0.9999, ...Array.from({ length: 1999 }, () => 0.3)];
    expect(sentence(2000, confidences)).toBe(
      'Only 1 of 2,000 classes fooled in 4,100 images: there the network is at least 99.99 % certain of an image made to fool it',
    );
  });

  it('says how close it came where none is', () => {
    expect(sentence(2, [0.6128, 0.1])).toBe('No class fooled in 4,100 images: the highest confidence so far is 61.3 %');
  });

  it('does not call a class without image fooled', () => {
    expect(sentence(3, [0.9999, 0.9999])).toMatch(/^2 of 3 classes fooled/);
    expect(sentence(3, [])).toBe('No image yet: the run ended before its first result');
  });

  it('speaks of one class in the singular', () => {
    expect(sentence(1, [0.9999])).toBe(
      'The class is fooled: the network is 99.99 % certain of an image made to fool it',
    );
    expect(sentence(1, [0.5])).toBe('The class is not fooled in 4,100 images: the highest confidence so far is 50 %');
  });

  it('says no more of what is shown than a second look measured', () => {
    const secondLook = { against: 'the mean drawn digit', how: [] };
    const classes = [0.2, 0.2, 0.8, 0.2].map((resemblance, index) =>
      classResult(index, { confidence: index === 3 ? 0.5 : 0.9999, likeness: { resemblance, threshold: 0.5 } }),
    );
    const finding = (some: typeof classes) =>
      headline({ searched: some.length, classes: some, evaluations: 10, secondLook }).finding;
    expect(finding(classes)).toContain(
      'of 3 images made to fool it; 2 of these do not resemble their class by correlation with the mean drawn digit, 1 does: label 2',
    );
    expect(finding(classes.slice(0, 2))).toContain('none of them resembles its class');
    expect(finding(classes.slice(2, 3))).toContain('; it resembles its class');
  });
});
