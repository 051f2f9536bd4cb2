import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { type DirectGenome, directEncoding, renderDirectPlain } from './direct.ts';

const GREY: ImageShape = { channels: 1, height: 28, width: 28 };

describe('rendering', () => {
  it('makes a grey pixel 255 times its gene, rounded, for every gene there is', () => {
    const shape: ImageShape = { channels: 1, height: 256, width: 256 };
    const genes = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const image = new Uint8Array(65536);
    directEncoding(shape).render([genes], image);
    expect(image.every((pixel, gene) => pixel === Math.round((255 * gene) / 65535))).toBe(true);
  });

  it('reads color as planes of hue, saturation and value', () => {
    const shape: ImageShape = { channels: 3, height: 1, width: 3 };
    const genes = Uint16Array.of(0, 21845, 43690, 65535, 65535, 0, 65535, 65535, 32768);
    const image = new Uint8Array(9);
    directEncoding(shape).render([genes], image);
    expect([...image]).toEqual([255, 0, 128, 0, 255, 128, 0, 0, 128]);
  });

  it.each<ImageShape>([
    { channels: 1, height: 28, width: 28 },
    { channels: 1, height: 3, width: 5 },
    { channels: 3, height: 7, width: 11 },
    { channels: 3, height: 301, width: 257 },
  ])('by the kernel gives the bytes of the plain renderer: $channels x $height x $width', (shape) => {
    const encoding = directEncoding(shape);
    const genomes = [1, 2, 3].map((seed) => encoding.random(Random.stream(seed)));
    const images = new Uint8Array(3 * imageSize(shape));
    encoding.render(genomes, images);
    const plain = images.map(() => 0);
    genomes.forEach((genome: DirectGenome, i) => {
      renderDirectPlain(genome, shape.channels, plain.subarray(i * imageSize(shape), (i + 1) * imageSize(shape)));
    });
    expect(Buffer.compare(images, plain)).toBe(0);
  });
});

it('first genes are uniform: mean 1/2, variance 1/12', () => {
  const genes = directEncoding({ channels: 3, height: 64, width: 64 }).random(Random.stream(9));
  const n = genes.length;
  const mean = genes.reduce((sum, gene) => sum + gene / 65535, 0) / n;
  const variance = genes.reduce((sum, gene) => sum + (gene / 65535 - mean) ** 2, 0) / n;
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
});

describe('a genome at rest', () => {
  const encoding = directEncoding(GREY);
  const genome = encoding.random(Random.stream(1));

  it('is its genes, low byte first, and comes back from anywhere in memory', () => {
    const bytes = encoding.pack(genome);
    expect(bytes.length).toBe(1568);
    expect(bytes[0]! + 256 * bytes[1]!).toBe(genome[0]);
    for (const offset of [0, 1, 2]) {
      const elsewhere = new Uint8Array(1568 + offset);
      elsewhere.set(bytes, offset);
      expect(encoding.unpack(elsewhere.subarray(offset))).toEqual(genome);
    }
  });

  it('is refused where it belongs to another shape', () => {
    expect(() => encoding.unpack(new Uint8Array(10))).toThrow(InputError);
    expect(() => encoding.unpack(new Uint8Array(10))).toThrow('1 x 28 x 28 has 1568 bytes, this one 10');
  });
});

it('turns into a vector in [0, 1] and back', () => {
  const encoding = directEncoding(GREY);
  const genome = encoding.random(Random.stream(3));
  const vector = encoding.toVector(genome);
  expect(vector).toHaveLength(784);
  expect(encoding.fromVector(vector)).toEqual(genome);
  expect([...encoding.fromVector(Float32Array.of(...new Array<number>(783).fill(0.5), 1.5)).subarray(782)]).toEqual([
    32768, 65535,
  ]);
});
