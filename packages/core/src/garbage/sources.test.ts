import { describe, expect, it } from 'vitest';
import { type ImageShape, type Images, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { binaryNoise } from './binary-noise.ts';
import { checkers } from './checkers.ts';
import { black, grey, primaryColors, white } from './constants.ts';
import { gaussianNoise } from './gaussian-noise.ts';
import { letters } from './letters.ts';
import { lowPassNoise } from './low-pass-noise.ts';
import { permutedPixels } from './permuted-pixels.ts';
import { randomCppns } from './random-cppns.ts';
import { scaledRays } from './scaled-rays.ts';
import { smooth } from './smooth.ts';
import type { GarbageSource } from './source.ts';
import { stripes } from './stripes.ts';
import { text } from './text.ts';
import { uniformNoise } from './uniform-noise.ts';

const GREY: ImageShape = { channels: 1, height: 32, width: 32 };
const COLOR: ImageShape = { channels: 3, height: 20, width: 30 };

const levelsOf = (images: Images, index: number): number => {
  const size = imageSize(images);
  return new Set(images.data.subarray(index * size, (index + 1) * size)).size;
};

const shareOf = ({ data }: Images, isHit: (level: number) => boolean): number =>
  data.filter(isHit).length / data.length;

const make = (source: GarbageSource, shape: ImageShape, count: number): Images =>
  source.make(shape, count, Random.stream(11));

describe('images of one color', () => {
  it('are black, white, and greys between them', () => {
    expect(shareOf(make(black, COLOR, 1), (level) => level === 0)).toBe(1);
    expect(shareOf(make(white, COLOR, 1), (level) => level === 255)).toBe(1);
    const greys = make(grey, COLOR, 16);
    const size = imageSize(COLOR);
    expect(greys.data.filter((_, i) => i % size === 0).join()).toBe(
      [15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180, 195, 210, 225, 240].join(),
    );
    for (let i = 0; i < 16; i++) expect(levelsOf(greys, i)).toBe(1);
  });

  it('are six primary colors in color, none in grey', () => {
    expect([primaryColors.most!(COLOR), primaryColors.most!(GREY)]).toEqual([6, 0]);
    const { data } = primaryColors.make({ channels: 3, height: 1, width: 1 }, 6, Random.stream(1));
    expect([...data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 255, 0, 255, 0, 255, 255]);
  });
});

describe('patterns', () => {
  it.each([stripes, checkers])('$name have two colors, about half of the image each', (source) => {
    const images = make(source, GREY, 200);
    const size = imageSize(GREY);
    const shares = Array.from({ length: 200 }, (_, i) => {
      const image = images.data.subarray(i * size, (i + 1) * size);
      expect(new Set(image).size).toBe(2);
      return image.filter((level) => level === image[0]).length / size;
    });
    expect(Math.min(...shares)).toBeGreaterThan(0.2);
    expect(shares.reduce((sum, share) => sum + share, 0) / 200).toBeCloseTo(0.5, 1);
  });
});

describe('noise', () => {
  it('is uniform, normal and binary as its name says', () => {
    const uniform = make(uniformNoise, GREY, 100);
    // Of 102,400 values; the standard error of each share is below 0.0016.
    expect(shareOf(uniform, (level) => level < 64)).toBeCloseTo(1 / 4, 2);
    expect(shareOf(uniform, (level) => level === 255)).toBeCloseTo(1 / 256, 2);
    const gaussian = make(gaussianNoise, GREY, 100);
    // Normal probabilities of what is rounded to 0 or below, and to 127 or below: z = -0.996 and 0.
    expect(shareOf(gaussian, (level) => level === 0)).toBeCloseTo(0.1596, 2);
    expect(shareOf(gaussian, (level) => level === 255)).toBeCloseTo(0.1596, 2);
    expect(shareOf(gaussian, (level) => level <= 127)).toBeCloseTo(0.5, 2);
    const binary = make(binaryNoise, GREY, 100);
    expect(shareOf(binary, (level) => level === 0)).toBeCloseTo(0.5, 2);
    expect(shareOf(binary, (level) => level === 0 || level === 255)).toBe(1);
  });

  it('smoothed by a Gaussian spreads a point to its deviation, and keeps its sum, mirrored at the edges too', () => {
    const shape = { channels: 1, height: 41, width: 41 } as const;
    const planes = new Float32Array(41 * 41);
    planes[20 * 41 + 20] = 1;
    smooth(planes, shape, 2);
    const sum = planes.reduce((total, value) => total + value, 0);
    const variance = planes.reduce((total, value, i) => total + value * ((i % 41) - 20) ** 2, 0);
    expect(sum).toBeCloseTo(1, 6);
    // Cut off at three deviations, a Gaussian has 97.3 % of its variance.
    expect(variance / 4).toBeGreaterThan(0.96);
    expect(variance / 4).toBeLessThan(1);
    const corner = new Float32Array(41 * 41);
    corner[0] = 1;
    smooth(corner, shape, 2);
    expect(corner.reduce((total, value) => total + value, 0)).toBeCloseTo(1, 6);
  });

  it('of low frequencies fills the range, and neighbors are alike', () => {
    const images = make(lowPassNoise, GREY, 20);
    const size = imageSize(GREY);
    for (let i = 0; i < 20; i++) {
      const image = images.data.subarray(i * size, (i + 1) * size);
      expect([Math.min(...image), Math.max(...image)]).toEqual([0, 255]);
      const steps = image.map((level, at) => (at % 32 === 0 ? 0 : Math.abs(level - image[at - 1]!)));
      // A third of the range for uniform noise.
      expect(steps.reduce((sum, step) => sum + step, 0) / size).toBeLessThan(40);
    }
  });
});

describe('images made of real ones', () => {
  const random = Random.stream(8);
  const real: Images = {
    ...COLOR,
    count: 1,
    data: Uint8Array.from({ length: imageSize(COLOR) }, () => random.integer(256)),
  };
  const pixelsOf = ({ data }: Images): string[] =>
    Array.from({ length: 600 }, (_, i) => [data[i], data[600 + i], data[1200 + i]].join()).sort();

  it('permuted, have the same pixels with their colors in another order', () => {
    const made = permutedPixels.make(COLOR, 1, Random.stream(1), { images: real });
    expect(made.data).not.toEqual(real.data);
    expect(pixelsOf(made)).toEqual(pixelsOf(real));
  });

  it('scaled, go away from the network’s zero', () => {
    const mean = ({ data }: Images): number => data.reduce((sum, level) => sum + level, 0) / data.length / 255;
    const scaled = (origin: number): Images => scaledRays.make(GREY, 40, Random.stream(2), { origin: [origin] });
    expect(mean(scaled(0))).toBeGreaterThan(0.7);
    expect(mean(scaled(1))).toBeLessThan(0.3);
    expect(shareOf(scaled(0.5), (level) => level === 0 || level === 255)).toBeGreaterThan(0.3);
  });
});

describe('drawn images', () => {
  it.each([letters, text])('$name have ink and more paper than ink', (source) => {
    const images = make(source, { channels: 1, height: 28, width: 28 }, 100);
    for (let i = 0; i < 100; i++) {
      const image = images.data.subarray(i * 784, (i + 1) * 784);
      const counts = new Map<number, number>();
      for (const level of image) counts.set(level, (counts.get(level) ?? 0) + 1);
      expect(counts.size).toBeGreaterThan(2);
      expect(Math.max(...counts.values()) / 784).toBeGreaterThan(0.2);
    }
  });

  it('are no garbage to a network for letters', () => {
    expect(letters.shows!(['0', '1', '2'])).toBe(false);
    expect(text.shows!([...'abcdefgh'])).toBe(true);
    expect(text.shows!(['tench', 'web site, website'])).toBe(true);
    expect(text.shows!(['tench', 'contextual'])).toBe(false);
    expect(letters.shows!(['tench', 'web site, website'])).toBe(false);
  });
});

describe('random CPPNs', () => {
  it('are not flat', () => {
    const images = make(randomCppns, COLOR, 40);
    const size = imageSize(COLOR);
    for (let i = 0; i < 40; i++) {
      const image = images.data.subarray(i * size, (i + 1) * size);
      expect(Math.max(...image) - Math.min(...image)).toBeGreaterThanOrEqual(32);
    }
  });
});
