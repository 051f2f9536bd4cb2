import type { Trial, Tried } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { settingOf, summarizeTrial } from './trial-summary.ts';

const tried = (title: string, right: number, log: number | null, card: Tried['card'] = {}): Tried => ({
  title,
  card,
  right,
  accuracy: right / 50,
  decisions: [],
  meanLogProbability: log,
});

const fitting = tried('A', 32, -1.5, { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] });
const inForce = tried('B', 18, -2.5);
const rival = tried('C', 30, -1.25);
const base: Trial = {
  count: 50,
  tried: [fitting, rival, inForce],
  inForce,
  best: fitting,
  onlyBest: 16,
  onlyInForce: 2,
  p: 0.0026,
  chance: 0.1,
  verdict: 'other',
  rivals: [rival],
};
const sentence = (more: Partial<Trial>): string =>
  summarizeTrial({ ...base, ...more }).sentence.replaceAll('\u00a0', ' ');

describe('a trial in words', () => {
  it('says which fits, by which test, what it cannot be told from, and how to set it', () => {
    expect(sentence({})).toBe(
      "The preprocessing in force is probably wrong: A gives 64 %, B, which is in force, gives 36 % of 50 images (16 images are right with the first alone, 2 with the second alone; McNemar's exact test for 2 comparisons, p = 0.003); so few images do not tell it from C (60 %), and the mean log-probability of the right classes is for C (−1.25 against −1.5); nothing was changed; to set it: --range 0,1 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
    );
  });

  it('says that the one in force fits', () => {
    expect(sentence({ verdict: 'fits', inForce: fitting, rivals: [] })).toBe(
      'The preprocessing in force fits: A gives 64 % of 50 images, and none of 2 others gives more',
    );
  });

  it('is inconclusive where the difference may be chance, or nothing is above it', () => {
    expect(sentence({ verdict: 'inconclusive', p: 0.4 })).toMatch(
      /^Inconclusive: A gives 64 %, .* may be chance .* log-probability of the right classes is for A \(−1.5 against −2.5\)/,
    );
    expect(sentence({ verdict: 'chance' })).toMatch(/^Inconclusive: no usual preprocessing is better than chance/);
    expect(sentence({ verdict: 'inconclusive', chance: 1 })).toContain('give images of several classes');
  });

  it('has data beside the words', () => {
    expect(summarizeTrial(base).tried.map(({ title, isInForce, right }) => [title, isInForce, right])).toEqual([
      ['A', false, 32],
      ['C', false, 30],
      ['B', true, 18],
    ]);
  });
});

it('a setting is written as options, and as a field of the card where there is none', () => {
  expect(settingOf({ range: [0, 255], mean: [103.939, 116.779, 123.68], color: 'bgr' })).toBe(
    '--range 0,255 --mean 103.939,116.779,123.68 --color bgr',
  );
  expect(settingOf({ range: [-1, 1], mean: 0, deviation: 1, resize: { mode: 'squash' } })).toBe(
    '--range -1,1, and in the card "resize": {"mode":"squash"}',
  );
});
