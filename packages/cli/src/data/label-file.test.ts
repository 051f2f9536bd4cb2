import { describe, expect, it } from 'vitest';
import { labelsOfTable } from './label-file.ts';

const CLASSES = ['ant', 'bee', 'tench, Tinca tinca'];
const classNamed = (text: string): number | undefined => {
  const place = CLASSES.indexOf(text);
  return place >= 0 ? place : /^[0-2]$/.test(text) ? Number(text) : undefined;
};
const labels = (text: string, files: readonly string[] = ['a.png', 'b.png']): number[] =>
  files.map(
    labelsOfTable(text, { path: 'labels.csv', files, classNamed, choices: 'numbers from 0 to 2 or its names' }),
  );

describe('a table of labels', () => {
  it.each([
    ['commas', 'a.png,ant\nb.png,1\n'],
    ['semicolons', 'a.png;ant\nb.png;1\n'],
    ['tabs', 'a.png\tant\nb.png\t1\n'],
    ['Windows', '\ufefffile,class\r\na.png,ant\r\nb.png,bee\r\n'],
    ['line ends of an old Mac', 'a.png,ant\rb.png,bee\r'],
    ['quotes', '"a.png","ant"\r\n"b.png","1"\r\n'],
    ['a heading', 'file,class\na.png,0\nb.png,1\n'],
    ['a heading of other words', 'Bild,Klasse\na.png,0\nb.png,1\n'],
    ['columns in another order', 'id,label,filename\n7,0,a.png\n8,1,b.png\n'],
    ['the same line twice', 'a.png,0\na.png,0\nb.png,1\n'],
    ['paths from further up', 'set\\images\\a.png,0\n./set/images/b.png,1\n'],
    ['names without endings', 'a,0\nb,1\n'],
  ])('is read with %s', (_, text) => {
    expect(labels(text)).toEqual([0, 1]);
  });

  it('is divided at what names the pictures, not at a comma in a class', () => {
    expect(labels('a.png;tench, Tinca tinca\nb.png;ant\n')).toEqual([2, 0]);
    expect(labels('a.png;tench, Tinca tinca\nb.png;tench, Tinca tinca\n')).toEqual([2, 2]);
    expect(labels('x;y.png,0\n', ['x;y.png'])).toEqual([0]);
  });

  it('names pictures by path or by name', () => {
    expect(labels('x/a.png,0\ny/a.png,1\n', ['x/a.png', 'y/a.png'])).toEqual([0, 1]);
    expect(labels('a.png,0\nb.png,1\n', ['x/a.png', 'y/b.png'])).toEqual([0, 1]);
  });

  it.each([
    [
      'a first line with a class that is none',
      'a.png,zebra\nb.png,1\n',
      /^labels\.csv, line 1: the model has no class "zebra"; give numbers/,
    ],
    ['a first line of another picture', 'typo.png,zebra\na.png,0\nb.png,1\n', /line 1: the model has no class "zebra"/],
    ['a later line', 'file,class\na.png,0\nb.png,zebra\n', /line 3: the model has no class "zebra"/],
    ['a line without a class', 'a.png,0\nb.png\n', /line 2: there is no class beside "b\.png"/],
    ['two classes for a file', 'a.png,0\nb.png,1\na.png,1\n', /gives a\.png two classes, in line 1 and in line 3/],
    ['two classes, one by another spelling', 'a.png,0\nb.png,1\n./a.png,bee\n', /two classes, in line 1 and in line 3/],
    [
      'two classes from further up',
      'x/a.png,0\ny/a.png,1\nb.png,1\n',
      /gives a\.png two classes, in line 1 and in line 2/,
    ],
    ['no line for a picture', 'a.png,0\n', /has no class for b\.png; add a line/],
    ['nothing', '', /has no class for a\.png/],
  ])('is refused for %s', (_, text, message) => {
    expect(() => labels(text)).toThrow(message);
  });

  it('is refused where a name fits several pictures', () => {
    expect(() => labels('a.png,0\n', ['x/a.png', 'y/a.png'])).toThrow(
      /line 1: a\.png is the name of 2 pictures \(x\/a\.png, y\/a\.png\); write their paths/,
    );
  });
});
