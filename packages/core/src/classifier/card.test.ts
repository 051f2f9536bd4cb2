import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { parseCard } from './card.ts';

describe('a model card', () => {
  it('may be empty: pixels in [0, 1], nothing subtracted', () => {
    expect(parseCard({})).toEqual({ range: [0, 1], mean: 0, deviation: 1 });
  });

  it('understands what fields were called in earlier cards', () => {
    expect(parseCard({ labels: ['a', 'b'], colour: 'bgr' })).toMatchObject({ classNames: ['a', 'b'], color: 'bgr' });
  });

  it.each([
    [{ deviation: 0 }, 'deviation'],
    [{ deviation: [1, -1, 1] }, 'deviation'],
    [{ range: [1, 1] }, 'range'],
    [{ color: 'cmyk' }, 'color'],
    [{ classNames: ['a'] }, 'classNames'],
    [{ classNames: ['a', 7] }, 'classNames.1'],
    [{ labels: ['a', 'b'], classNames: ['a', 'b'] }, 'classNames'],
    [{ height: 2.5 }, 'height'],
    [{ sha256: 'abc' }, 'sha256'],
    [{ means: [0] }, 'means'],
    [[], 'give fields in braces'],
  ])('names the field that is wrong: %j', (card, field) => {
    expect(() => parseCard(card, 'my.card.json')).toThrow(InputError);
    expect(() => parseCard(card, 'my.card.json')).toThrow(field);
    expect(() => parseCard(card, 'my.card.json')).toThrow('my.card.json');
  });
});
