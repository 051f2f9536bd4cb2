import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { type ImageShape, type Images, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { GARBAGE, garbageNamed } from './registry.ts';

const SHAPES: readonly ImageShape[] = [
  { channels: 1, height: 28, width: 28 },
  { channels: 3, height: 24, width: 33 },
  { channels: 3, height: 1, width: 1 },
];

const realImages = (shape: ImageShape): Images => {
  const random = Random.stream(5);
  const data = Uint8Array.from({ length: 4 * imageSize(shape) }, () => random.integer(256));
  return { ...shape, count: 4, data };
};

describe('the sources of garbage', () => {
  it('have names of their own that may be parts of a figure’s', () => {
    expect(new Set(GARBAGE.map(({ name }) => name)).size).toBe(GARBAGE.length);
    for (const { name } of GARBAGE) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(garbageNamed('white').title).toBe('plain white');
    expect(() => garbageNamed('mauve')).toThrow(InputError);
  });

  describe.each(GARBAGE.map((source) => ({ source, name: source.name })))('$name', ({ source }) => {
    it.each(SHAPES)('makes as many images as are asked for, of $channels x $height x $width', (shape) => {
      const count = Math.min(7, source.most?.(shape) ?? 7);
      const inputs = { images: realImages(shape), origin: [0, 0, 0] };
      const made = source.make(shape, count, Random.stream(3, 1), inputs);
      expect([made.count, made.channels, made.height, made.width]).toEqual([count, ...Object.values(shape)]);
      expect(made.data.length).toBe(count * imageSize(shape));
      // The same stream, the same bytes.
      expect(source.make(shape, count, Random.stream(3, 1), inputs).data).toEqual(made.data);
    });

    it('draws other images from another stream, unless there are few', () => {
      const shape = SHAPES[1]!;
      const count = Math.min(3, source.most?.(shape) ?? 3);
      const inputs = { images: realImages(shape) };
      const [one, other] = [1, 2].map((key) => source.make(shape, count, Random.stream(3, key), inputs));
      const isSame = one!.data.every((value, i) => value === other!.data[i]);
      expect(isSame).toBe(source.most !== undefined);
    });

    it('makes different images', () => {
      const shape = SHAPES[1]!;
      const count = Math.min(6, source.most?.(shape) ?? 6);
      const { data } = source.make(shape, count, Random.stream(4), { images: realImages(shape) });
      const size = imageSize(shape);
      const seen = new Set(Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size).join()));
      expect(seen.size).toBe(count);
    });
  });
});
