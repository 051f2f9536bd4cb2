import { describe, expect, it } from 'vitest';
import { parseGeneratorCard } from './card.ts';

describe('the card of a generator', () => {
  it('is taken with what it says, and with nothing else filled in', () => {
    const card = { kind: 'generator', latentDimension: 64, latentDistribution: 'normal', range: [-1, 1] };
    expect(parseGeneratorCard(card)).toEqual(card);
    expect(parseGeneratorCard({ kind: 'generator' })).toEqual({ kind: 'generator' });
  });

  it.each([
    [{ mean: 0.5 }, /gan\.card\.json is no card of a generator: give it "kind": "generator"/],
    [{ kind: 'generator', range: [1, 1] }, /gan\.card\.json: field range: both ends are equal/],
    [{ kind: 'generator', latentDimension: 0 }, /field latentDimension/],
    [{ kind: 'generator', latentDistribution: 'cauchy' }, /field latentDistribution/],
    [{ kind: 'generator', mean: 0 }, /mean/],
  ])('says which field of %j cannot be used', (card, sentence) => {
    expect(() => parseGeneratorCard(card, 'gan.card.json')).toThrow(sentence);
  });
});
