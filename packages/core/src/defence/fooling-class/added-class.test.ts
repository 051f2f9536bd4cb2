import { expect, test } from 'vitest';
import type { Scorer } from '../../classifier/classifier.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { InputError } from '../../errors.ts';
import { withAddedClass } from './added-class.ts';
import { shareInClass } from './fooling-images.ts';

const shape = { channels: 1, height: 1, width: 2 } as const;
const clean: Dataset = {
  name: 'two',
  classNames: ['dark', 'bright'],
  images: { ...shape, count: 2, data: Uint8Array.of(1, 2, 201, 202) },
  labels: Int32Array.of(0, 1),
};

test('images become a class behind the others, and the data stay as they are', () => {
  const before = structuredClone(clean);
  const { classNames, images, labels } = withAddedClass(clean, [Uint8Array.of(90, 91, 92, 93), Uint8Array.of(94, 95)]);
  expect(classNames).toEqual(['dark', 'bright', 'fooling']);
  expect(images).toEqual({ ...shape, count: 5, data: Uint8Array.of(1, 2, 201, 202, 90, 91, 92, 93, 94, 95) });
  expect([...labels]).toEqual([0, 1, 2, 2, 2]);
  expect(clean).toEqual(before);
});

test('a class of that name is refused', () => {
  const named = { ...clean, classNames: ['dark', 'fooling'] };
  expect(() => withAddedClass(named, [])).toThrow(InputError);
  expect(() => withAddedClass(named, [])).toThrow('two has a class fooling; rename it');
});

test('the share of images in a class is over all batches', async () => {
  /** Class 2 for grey images. */
  const scorer: Scorer = {
    shape,
    predict: async ({ count, data }) => ({
      count,
      numClasses: 3,
      data: Float32Array.from({ length: 3 * count }, (_, i) => {
        const level = data[2 * Math.floor(i / 3)]!;
        return Number([level < 50, level > 150, level >= 50 && level <= 150][i % 3]);
      }),
    }),
  };
  const batches = [Uint8Array.of(90, 90, 200, 200, 100, 100), Uint8Array.of(10, 10)];
  expect(await shareInClass(scorer, batches, 2)).toBe(0.5);
});
