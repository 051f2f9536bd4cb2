import { describe, expect, it } from 'vitest';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { dctEncoding } from './dct.ts';
import type { VectorEncoding } from './encoding.ts';
import { fourierEncoding } from './fourier.ts';
import type { SpectralGenome } from './spectral.ts';

type Spectral = VectorEncoding<SpectralGenome>;

const shape: ImageShape = { channels: 1, height: 12, width: 10 };

/** All coefficients none, but one. */
function wave(encoding: Spectral, place: number, gene = 1): SpectralGenome {
  const genome = new Float32Array(encoding.dimension).fill(0.5);
  genome[place] = gene;
  return genome;
}

function drawn(encoding: Spectral, genome: SpectralGenome): number[] {
  const image = new Uint8Array(imageSize(encoding.shape));
  encoding.render([genome], image);
  return [...image];
}

/** Pixels by a formula of row and column, clipped and rounded. */
function pictured({ height, width }: ImageShape, value: (y: number, x: number) => number): number[] {
  return Array.from({ length: height * width }, (_, i) =>
    Math.round(255 * Math.min(1, Math.max(0, value(Math.floor(i / width), i % width)))),
  );
}

const near = (one: readonly number[], other: readonly number[]): void => {
  expect(one.length).toBe(other.length);
  for (const [i, level] of one.entries()) expect(Math.abs(level - other[i]!)).toBeLessThanOrEqual(1);
};

describe('the Fourier encoding', () => {
  // Without falloff all 49 waves have the amplitude contrast sqrt(3 / 49).
  const encoding = fourierEncoding(shape, { frequencies: 3, falloff: 0, contrast: 0.7 });
  const amplitude = 0.7 * Math.sqrt(3 / 49);

  it('has (2 frequencies + 1)^2 coefficients, each the wave of its place', () => {
    expect(encoding.dimension).toBe(49);
    near(
      drawn(encoding, wave(encoding, 0)),
      pictured(shape, () => 0.5 + amplitude),
    );
    // Row 3 is cos(2 pi 2 y), column 2 sin(2 pi x).
    const value = (y: number, x: number): number =>
      0.5 - amplitude * 2 * Math.cos((4 * Math.PI * (y + 0.5)) / 12) * Math.sin((2 * Math.PI * (x + 0.5)) / 10);
    near(drawn(encoding, wave(encoding, 3 * 7 + 2, 0)), pictured(shape, value));
  });

  it('has no more periods than pixels can show', () => {
    expect(fourierEncoding(shape, { frequencies: 60 }).dimension).toBe(11 * 9);
    expect(fourierEncoding({ channels: 3, height: 1, width: 1 }).dimension).toBe(3);
  });
});

describe('the cosine encoding', () => {
  it('of the whole image is the cosine transform backwards', () => {
    const encoding = dctEncoding(shape, { cosines: 4, falloff: 0, contrast: 0.7 });
    expect(encoding.dimension).toBe(16);
    const amplitude = 0.7 * Math.sqrt(3 / 16);
    const value = (y: number, x: number): number =>
      0.5 + amplitude * 2 * Math.cos((Math.PI * (y + 0.5)) / 12) * Math.cos((3 * Math.PI * (x + 0.5)) / 10);
    near(drawn(encoding, wave(encoding, 4 + 3)), pictured(shape, value));
  });

  it('of blocks has each block’s own, and a smaller one at the end', () => {
    const encoding = dctEncoding(shape, { cosines: 3, block: 4, falloff: 0, contrast: 0.7 });
    // 3 + 3 + 3 along 12 pixels, 3 + 3 + 2 along 10.
    expect(encoding.dimension).toBe(9 * 8);
    // A pixel is in one block of three and of 2.5, whose 3 x 3 (or 3 x 2) functions have the mean square 1.
    const amplitude = 0.7 * Math.sqrt(3 / (3 * (0.4 * 3 + 0.4 * 3 + 0.2 * 2)));
    // Rows 4 .. 7 constant, the last two columns with their second cosine.
    const value = (y: number, x: number): number =>
      y >= 4 && y < 8 && x >= 8 ? 0.5 + amplitude * Math.SQRT2 * Math.cos((Math.PI * (x - 8 + 0.5)) / 2) : 0.5;
    near(drawn(encoding, wave(encoding, 3 * 8 + 7)), pictured(shape, value));
  });
});

describe.each<[string, (shape: ImageShape) => Spectral]>([
  ['fourier', (own) => fourierEncoding(own)],
  ['dct', (own) => dctEncoding(own, { cosines: 5 })],
  ['dct in blocks', (own) => dctEncoding(own, { cosines: 2, block: 5 })],
])('the encoding %s', (_, make) => {
  it('gives random images of the contrast it says, before they are clipped', () => {
    const encoding = make({ channels: 3, height: 16, width: 16 });
    // The steps between levels are linear where nothing is clipped, so contrast is measured at a tenth.
    const genomes = Array.from({ length: 60 }, (_, i) =>
      encoding.random(Random.stream(i)).map((gene) => 0.5 + (gene - 0.5) / 10),
    );
    const pixels = genomes.flatMap((genome) => drawn(encoding, genome).map((level) => level / 255 - 0.5));
    const deviation = Math.sqrt(pixels.reduce((sum, value) => sum + value * value, 0) / pixels.length);
    expect(deviation).toBeGreaterThan(0.045);
    expect(deviation).toBeLessThan(0.055);
  });

  it('carries gradients of pixels back: the difference quotient of the pixels', () => {
    const encoding = make({ channels: 3, height: 7, width: 6 });
    const random = Random.stream(2);
    const genome = encoding.random(random).map((gene) => 0.5 + (gene - 0.5) / 8);
    const pixels = Float32Array.from({ length: 126 }, () => random.normal());
    const gradient = new Float32Array(encoding.dimension);
    encoding.vectorGradient!(genome, pixels, gradient);
    // Images are linear in the vector where nothing is clipped; half a level of rounding is the error of each pixel.
    for (let place = 0; place < encoding.dimension; place += 5) {
      const at = (change: number): number =>
        drawn(
          encoding,
          genome.map((gene, i) => (i === place ? gene + change : gene)),
        ).reduce((sum, level, i) => sum + (level / 255) * pixels[i]!, 0);
      const noise = (2 * Math.hypot(...pixels)) / 255;
      expect(Math.abs(at(0.25) - at(-0.25) - 0.5 * gradient[place]!)).toBeLessThan(noise);
    }
    encoding.vectorGradient!(new Float32Array(encoding.dimension).fill(1), pixels, gradient);
  });

  it('gives a vector and its bytes back, and refuses what is none', () => {
    const encoding = make(shape);
    const genome = encoding.random(Random.stream(1));
    expect(encoding.fromVector(encoding.toVector(genome))).toEqual(genome);
    expect([...encoding.fromVector(genome.map(() => 7))]).toEqual([...genome.map(() => 1)]);
    const bytes = new Uint8Array(4 * encoding.dimension + 1);
    bytes.set(encoding.pack(genome), 1);
    expect(encoding.unpack(bytes.subarray(1))).toEqual(genome);
    expect(() => encoding.unpack(bytes)).toThrow('take it from a run with the same settings');
    expect(() => encoding.unpack(encoding.pack(genome.map(() => Number.NaN)))).toThrow('not in [0, 1]');
  });
});
