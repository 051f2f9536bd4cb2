import { describe, expect, it } from 'vitest';
import { arePlaceholders, fittingNames, namesOfLines, namesOfTable } from './class-names.ts';

describe('names in lines', () => {
  it.each([
    ['cat\ndog\n', ['cat', 'dog']],
    ['\uFEFFcat\r\ndog\r\n\r\n', ['cat', 'dog']],
    // Teachable Machine, and counted from 1.
    ['0 Class 1\n1 Class 2', ['Class 1', 'Class 2']],
    ['1: cat\n2: dog', ['cat', 'dog']],
    // Numbers that do not count, and names that are numbers.
    ['3 cats\n1 dog', ['3 cats', '1 dog']],
    ['0\n1\n2', ['0', '1', '2']],
    // WordNet numbers, alone and in front.
    ['n01440764 tench, Tinca tinca\nn01443537 goldfish', ['tench, Tinca tinca', 'goldfish']],
    ['n01440764\nn01443537', ['n01440764', 'n01443537']],
  ])('%j', (text, names) => {
    expect(namesOfLines(text)).toEqual(names);
  });

  it.each(['', 'cat', 'cat\n\ndog'])('are none in %j', (text) => {
    expect(namesOfLines(text)).toBeUndefined();
  });
});

describe('names in tables', () => {
  it.each([
    [['cat', 'dog']],
    [{ 0: 'cat', 1: 'dog' }],
    [{ 1: 'dog', 0: 'cat' }],
    [{ cat: 0, dog: 1 }],
    [{ 0: ['n02123045', 'cat'], 1: ['n02084071', 'dog'] }],
  ])('%j', (table) => {
    expect(namesOfTable(table)).toEqual(['cat', 'dog']);
  });

  it.each([
    [{ 0: 'cat', 2: 'dog' }],
    [{ cat: 0, dog: 0 }],
    [{ 0: 'cat', 1: 7 }],
    [['cat']],
    [{}],
    ['cat'],
    [null],
    [{ cat: 'a', dog: 'b' }],
  ])('are none in %j', (table) => {
    expect(namesOfTable(table)).toBeUndefined();
  });

  it('that only count are placeholders', () => {
    expect(arePlaceholders(['LABEL_0', 'LABEL_1'])).toBe(true);
    expect(arePlaceholders(['LABEL_1', 'LABEL_0'])).toBe(false);
  });
});

describe('names that fit', () => {
  const thousand = Array.from({ length: 1000 }, (_, index) => `name ${index}`);

  it('are as many as there are classes, but for a background', () => {
    expect(fittingNames(['a', 'b'], 2)).toEqual(['a', 'b']);
    expect(fittingNames(thousand, 1001)).toEqual(['background', ...thousand]);
    expect(fittingNames(['background', ...thousand], 1000)).toEqual(thousand);
  });

  it('are none otherwise', () => {
    expect(fittingNames(['a', 'b'], 3)).toBeUndefined();
    expect(fittingNames(['tench', ...thousand], 1000)).toBeUndefined();
  });
});
