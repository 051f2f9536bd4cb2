import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.ts';

const cellsOf = (text: string): readonly (readonly string[])[] => parseCsv(text).map(({ cells }) => cells);

describe('a table as text', () => {
  it.each([
    [
      'a.png,3\r\nb.png, 4 \n\n',
      [
        ['a.png', '3'],
        ['b.png', '4'],
      ],
    ],
    ['"a, b.png","the ""big"" one"\n', [['a, b.png', 'the "big" one']]],
    [
      'file\tclass\na, b.png\tx',
      [
        ['file', 'class'],
        ['a, b.png', 'x'],
      ],
    ],
    [
      'file;class\na.png;3',
      [
        ['file', 'class'],
        ['a.png', '3'],
      ],
    ],
    ['"x;y",3\n', [['x;y', '3']]],
    [
      '"two\nlines",3\nc,4',
      [
        ['two\nlines', '3'],
        ['c', '4'],
      ],
    ],
    ['5" disk.png,3', [['5" disk.png', '3']]],
    ['a, "quoted" ,b', [['a', 'quoted', 'b']]],
    ['', []],
  ])('%j', (text, rows) => {
    expect(cellsOf(text)).toEqual(rows);
  });

  it('says in which line a row begins', () => {
    expect(parseCsv('\na,1\n"x\ny",2\nb,3').map(({ line }) => line)).toEqual([2, 3, 5]);
  });
});
