import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankImages, sliceImages, toBytes, toFloat } from './images.ts';

const shape = { channels: 1, height: 1, width: 4 } as const;

describe('images', () => {
  it('come back unchanged from floating point', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (data) => {
        expect(toBytes(toFloat({ ...shape, count: 1, data })).data).toEqual(data);
      }),
    );
  });

  it('are clipped, not wrapped, when they become bytes', () => {
    const data = Float32Array.of(-0.5, 1.5, 0.5, Number.NaN);
    expect([...toBytes({ ...shape, count: 1, data }).data]).toEqual([0, 255, 128, 0]);
  });

  it('share memory with their slices', () => {
    const images = blankImages(shape, 3);
    sliceImages(images, 1, 2).data.fill(9);
    expect([...images.data]).toEqual([0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0]);
  });
});
