import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { type Dataset, shuffledBatches, sliceDataset } from './dataset.ts';

/** Examples that can be told apart: image `i` is all `i`, and so is its class. */
function numbered(count: number): Dataset {
  return {
    name: 'numbered',
    classNames: Array.from({ length: count }, String),
    images: {
      channels: 1,
      height: 2,
      width: 2,
      count,
      data: Uint8Array.from({ length: 4 * count }, (_, i) => Math.floor(i / 4)),
    },
    labels: Int32Array.from({ length: count }, (_, i) => i),
  };
}

describe('shuffled batches', () => {
  test('hold every example once, each image with its own class', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer(),
        (count, size, seed) => {
          const batches = [...shuffledBatches(numbered(count), size, Random.stream(seed))];
          expect(batches.length).toBe(Math.ceil(count / size));
          expect(batches.slice(0, -1).every((batch) => batch.images.count === size)).toBe(true);
          for (const { images, labels } of batches) {
            expect(images.data).toEqual(Uint8Array.from({ length: 4 * images.count }, (_, i) => labels[i >> 2]!));
          }
          const seen = batches.flatMap((batch) => [...batch.labels]).sort((a, b) => a - b);
          expect(seen).toEqual(Array.from({ length: count }, (_, i) => i));
        },
      ),
    );
  });

  test('come in the same order for the same seed, in another for another', () => {
    const order = (seed: number) =>
      [...shuffledBatches(numbered(50), 8, Random.stream(seed))].flatMap((batch) => [...batch.labels]);
    expect(order(3)).toEqual(order(3));
    expect(order(3)).not.toEqual(order(4));
  });
});

describe('a slice of a dataset', () => {
  test('holds its part and no more', () => {
    const part = sliceDataset(numbered(10), 2, 5);
    expect(part.images.count).toBe(3);
    expect([...part.labels]).toEqual([2, 3, 4]);
    expect([...part.images.data]).toEqual([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
  });

  test('outside the dataset is refused', () => {
    expect(() => sliceDataset(numbered(10), 5, 11)).toThrow('Examples 5 to 11 are not in numbered, which holds 10');
  });
});
