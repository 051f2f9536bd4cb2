import { describe, expect, it } from 'vitest';
import type { Images } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { diversity, troubleOf } from './collapse.ts';

const shape = { channels: 1, height: 1, width: 2 } as const;

function pairs(...values: readonly (readonly [number, number])[]): Images {
  return { ...shape, count: values.length, data: Uint8Array.from(values.flat()) };
}

describe('diversity', () => {
  it('is the ratio of median distances to the nearest other image', () => {
    // Nearest: 5, 5, 10 (from (0, 0), (3, 4), (3, 14)); of the reference: 10, 10, 20.
    const images = pairs([0, 0], [3, 4], [3, 14]);
    const reference = pairs([0, 0], [6, 8], [6, 28]);
    expect(diversity(images, reference)).toBeCloseTo(0.5, 12);
    expect(diversity(reference, reference)).toBe(1);
  });

  it('is 0 where most images have a twin', () => {
    expect(diversity(pairs([1, 2], [1, 2], [1, 2], [200, 100]), pairs([0, 0], [0, 9], [9, 9], [9, 0]))).toBe(0);
  });

  it('is near 1 for images of one source', () => {
    const noise = (seed: number): Images => {
      const random = Random.stream(seed);
      const size = 100 * 64;
      return {
        channels: 1,
        height: 8,
        width: 8,
        count: 100,
        data: Uint8Array.from({ length: size }, () => random.integer(256)),
      };
    };
    expect(Math.abs(diversity(noise(1), noise(2)) - 1)).toBeLessThan(0.05);
  });
});

describe('a training', () => {
  const well = { diversity: 0.7, realRight: 0.8, fakeRight: 0.9 };
  const alike = { ...well, diversity: 0.01 };
  const beaten = { ...well, realRight: 0.995, fakeRight: 1 };

  it('has collapsed where two epochs in a row made images that are all but the same', () => {
    expect(troubleOf([well, alike, alike])).toBe('collapsed');
    expect(troubleOf([alike, alike, well])).toBeUndefined();
    expect(troubleOf([well, alike])).toBeUndefined();
    expect(troubleOf([alike])).toBeUndefined();
  });

  it('is unopposed where the discriminator was right about all images for two epochs', () => {
    expect(troubleOf([beaten, beaten])).toBe('unopposed');
    expect(troubleOf([beaten, { ...beaten, realRight: 0.9 }])).toBeUndefined();
    expect(troubleOf([beaten, alike])).toBeUndefined();
  });
});
