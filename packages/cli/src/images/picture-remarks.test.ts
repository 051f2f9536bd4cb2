import { expect, it } from 'vitest';
import { PictureRemarks } from './picture-remarks.ts';

it('remarks on pictures name each once, in order', () => {
  const remarks = new PictureRemarks();
  expect(remarks.sentences()).toEqual([]);
  remarks.add('b.gif', 'more frames');
  remarks.add('a.gif', 'more frames');
  remarks.add('b.gif', 'more frames');
  remarks.add('c.png', 'transparent');
  expect(remarks.sentences()).toEqual([
    '2 pictures have several frames or pages, of which the first is taken: a.gif; b.gif',
    '1 picture is transparent, and put on white: c.png',
  ]);
});
