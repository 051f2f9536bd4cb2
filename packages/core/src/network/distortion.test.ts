import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Images } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { type Distortion, distort } from './distortion.ts';

const none: Distortion = { shift: 0, rotation: 0, scale: 0, elastic: 0 };

function noise(channels: 1 | 3, height: number, width: number, count: number): Images {
  const random = Random.stream(1);
  const data = Uint8Array.from({ length: count * channels * height * width }, () => random.integer(256));
  return { channels, height, width, count, data };
}

describe('a distortion', () => {
  test('of zero is the identity', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 3), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (c, h, w) => {
        const images = noise(c as 1 | 3, h, w, 3);
        expect(distort(images, none, Random.stream(2))).toEqual(images);
      }),
    );
  });

  test('by a shift moves the centre of mass by no more than that, and by half of it on average', () => {
    const dot: Images = { channels: 1, height: 21, width: 21, count: 200, data: new Uint8Array(200 * 441) };
    for (let i = 0; i < dot.count; i++) dot.data[i * 441 + 10 * 21 + 10] = 255;
    const moved = distort(dot, { ...none, shift: 4 }, Random.stream(3));
    let sum = 0;
    for (let i = 0; i < dot.count; i++) {
      const { x, mass } = centre(moved.data.subarray(i * 441, (i + 1) * 441));
      expect(mass).toBeCloseTo(255, -1);
      expect(Math.abs(x - 10)).toBeLessThan(4.05);
      sum += Math.abs(x - 10);
    }
    expect(sum / dot.count / 2).toBeGreaterThan(0.8);
    expect(sum / dot.count / 2).toBeLessThan(1.2);
  });

  test('keeps an even area even, away from its border', () => {
    const grey: Images = { channels: 1, height: 28, width: 28, count: 10, data: new Uint8Array(7840).fill(200) };
    const bent = distort(grey, { shift: 1, rotation: 0.2, scale: 0.1, elastic: 0.5 }, Random.stream(4));
    for (let i = 0; i < 10; i++) expect(bent.data[i * 784 + 14 * 28 + 14]).toBe(200);
  });

  test('bends the planes of a color image alike', () => {
    const grey = noise(1, 12, 10, 1);
    const color: Images = { ...grey, channels: 3, data: Uint8Array.from([...grey.data, ...grey.data, ...grey.data]) };
    const all = { shift: 2, rotation: 0.3, scale: 0.2, elastic: 1 };
    const bent = distort(color, all, Random.stream(5)).data;
    expect(bent.subarray(0, 120)).toEqual(distort(grey, all, Random.stream(5)).data);
    expect(bent.subarray(0, 120)).toEqual(bent.subarray(120, 240));
    expect(bent.subarray(0, 120)).toEqual(bent.subarray(240, 360));
  });
});

function centre(image: Uint8Array): { x: number; mass: number } {
  let [mass, x] = [0, 0];
  image.forEach((value, at) => {
    mass += value;
    x += value * (at % 21);
  });
  return { x: x / mass, mass };
}
