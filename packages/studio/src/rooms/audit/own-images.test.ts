import { expect, it } from 'vitest';
import { labelsOf } from './own-images.ts';

const CLASSES = ['tench, Tinca tinca', 'crane', 'crane', 'Snail'];

it('takes the classes of pictures from their folders, the innermost first, as far as these name classes', () => {
  const paths = ['photos/tench/1.jpg', 'photos/snail/crane/2.jpg', 'SNAIL/many/3.jpg', 'photos/4.jpg', 'snail.jpg'];
  expect(labelsOf(paths, CLASSES)).toEqual([0, 1, 3, undefined, undefined]);
  expect(labelsOf(['photos/tench, tinca tinca/1.jpg'], CLASSES)).toEqual([0]);
  expect(labelsOf(['photos/1.jpg', 'tinca tinca/2.jpg'], CLASSES)).toBeUndefined();
});
