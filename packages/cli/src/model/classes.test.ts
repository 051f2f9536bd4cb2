import { parseClasses } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { slug } from './classes.ts';

const labels = ['tench, Tinca tinca', 'goldfish, Carassius auratus', 'crane', 'Crane', 'cock', '7-up'];

describe('a choice of classes', () => {
  it.each([
    ['all', [0, 1, 2, 3, 4, 5]],
    ['3,1, 1', [1, 3]],
    ['1-3', [1, 2, 3]],
    ['4,0-1', [0, 1, 4]],
    ['cock', [4]],
    ['COCK,tench', [0, 4]],
    ['tench, Tinca tinca', [0]],
    ['7-up', [5]],
  ])('reads %s', (text, classes) => {
    expect(parseClasses(text, labels)).toEqual(classes);
  });

  it('takes all classes of a name that several have', () => {
    expect(parseClasses('crane', labels)).toEqual([2, 3]);
  });

  it.each([
    ['10', [2]],
    ['010', [2]],
    ['2,11', [3, 4]],
    ['0-2', [0, 1, 4]],
    ['5', [5]],
  ])('takes %s for names before places, where classes are named by numbers', (text, classes) => {
    expect(parseClasses(text, ['0', '1', '10', '11', '2', 'none'])).toEqual(classes);
  });

  it.each(['6', '2-6', 'dog', '', '1,,2', '-1', '1.5'])('refuses %j', (text) => {
    expect(() => parseClasses(text, labels)).toThrow(/^The network has no class ".*"; give numbers from 0 to 5/);
  });

  it('refuses a range that runs backwards', () => {
    expect(() => parseClasses('4-2', labels)).toThrow('write 2-4');
  });
});

describe('a label in a file name', () => {
  it.each([
    ['tench, Tinca tinca', 'tench'],
    ['../../etc/passwd', 'etc-passwd'],
    ['jack-o’-lantern', 'jack-o-lantern'],
    ['Éclair 2', 'éclair-2'],
    ['???', ''],
    ['x'.repeat(300), 'x'.repeat(40)],
  ])('%j is %j', (label, expected) => {
    expect(slug(label)).toBe(expected);
  });
});
