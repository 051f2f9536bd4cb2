import { describe, expect, it } from 'vitest';
import { rowsOf } from './rows.ts';

const names = ['cat', 'dog', 'owl', 'rat'];

describe('scores of classes', () => {
  it('in an order of their own are brought to the order of the card', () => {
    const answer = { names: ['owl', 'rat', 'cat', 'dog'], scores: [0.5, 0.25, 0.125, 0.125] };
    const rows = rowsOf([answer], names, 'api');
    expect(rows.kind).toBe('scores');
    expect([...rows.row(answer)!]).toEqual([0.125, 0.125, 0.5, 0.25]);
  });

  it('by name alone are in the order of the alphabet, whatever order each answer has', () => {
    const answers = [
      { names: ['b', 'a'], scores: [0.75, 0.25] },
      { names: ['a', 'b'], scores: [0.5, 0.5] },
    ];
    const rows = rowsOf(answers, undefined, 'api');
    expect(rows.classNames).toEqual(['a', 'b']);
    expect(answers.map((answer) => [...rows.row(answer)!])).toEqual([
      [0.25, 0.75],
      [0.5, 0.5],
    ]);
  });

  it('of the likeliest alone leave the rest to the others, each no more than the least of the list', () => {
    const answer = { names: ['dog', 'owl'], scores: [0.5, 0.25] };
    const rows = rowsOf([answer], names, 'api');
    expect(rows.kind).toBe('strongest');
    expect([...rows.row(answer)!]).toEqual([0.125, 0.5, 0.25, 0.125]);
    // 1 - .375 = .625 for three classes would be more than .125 each.
    expect([...rows.row({ names: ['dog', 'owl'], scores: [0.25, 0.125] })!]).toEqual([0.125, 0.25, 0.125, 0.125]);
  });

  it('that list other classes for other images need the card', () => {
    const answers = [
      { names: ['a', 'b'], scores: [0.5, 0.25] },
      { names: ['b', 'c'], scores: [0.5, 0.25] },
    ];
    expect(() => rowsOf(answers, undefined, 'api')).toThrow("name all in the card's field classNames");
  });

  it.each([
    [{ names: ['pig'], scores: [1] }, 'names the class "pig", which is not among'],
    [
      { names: ['cat', 'dog', 'owl'], scores: [0.5, 0.25, 0.25] },
      'gives scores of 3 classes for an image, and gave all 4',
    ],
  ])('that do not fit are refused: %j', (answer, message) => {
    const rows = rowsOf([{ names, scores: [1, 0, 0, 0] }], names, 'api');
    expect(() => rows.row(answer)).toThrow(message);
  });

  it('in another number than before are refused', () => {
    const rows = rowsOf([{ scores: [1, 2, 3] }], undefined, 'api');
    expect(rows.classNames).toEqual(['class 0', 'class 1', 'class 2']);
    expect(() => rows.row({ scores: [1, 2] })).toThrow('api gives 2 scores for an image, and gave 3 before');
  });

  it('in another number than the card has names are refused', () => {
    expect(() => rowsOf([{ scores: [1, 2, 3] }], names, 'api')).toThrow(
      'gives 3 scores, but the card has 4 classNames',
    );
  });

  it('are none where every probe image was flagged', () => {
    expect(() => rowsOf([{ flagged: true }], names, 'api')).toThrow('flagged every probe image');
  });
});

describe('labels alone', () => {
  const rows = rowsOf([{ label: 'owl' }], names, 'api');

  it.each([
    ['owl', [0, 0, 1, 0]],
    [3, [0, 0, 0, 1]],
    ['1', [0, 1, 0, 0]],
  ])('are 1 for the class that is named and 0 for the others: %s', (label, expected) => {
    expect(rows.kind).toBe('labels');
    expect([...rows.row({ label })!]).toEqual(expected);
  });

  it('name a class before a place, where classes are named by numbers', () => {
    expect([...rowsOf([{ label: '1' }], ['1', '0'], 'api').row({ label: '0' })!]).toEqual([0, 1]);
  });

  it.each(['pig', 4, -1, 1.5, ''])('that are none are refused: %s', (label) => {
    expect(() => rows.row({ label })).toThrow("not among the card's classNames");
  });

  it('need the names of the card', () => {
    expect(() => rowsOf([{ label: 'owl' }], undefined, 'api')).toThrow("card's field classNames");
  });
});
