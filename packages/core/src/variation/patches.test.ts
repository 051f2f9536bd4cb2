import { describe, expect, it } from 'vitest';
import { directEncoding } from '../encoding/direct.ts';
import { Random } from '../random/random.ts';
import { gaussianOf } from './gaussian.ts';
import { patchesOf } from './patches.ts';

const encoding = directEncoding({ channels: 1, height: 12, width: 10 });

describe('patches', () => {
  it('change one rectangle, of one value, of at most the share of the side', () => {
    const random = Random.stream(1);
    const variation = patchesOf(encoding, { largest: 0.5 });
    for (let i = 0; i < 200; i++) {
      const parent = encoding.random(random);
      const child = variation.apply([parent], random, 1);
      const changed = [...child.keys()].filter((at) => child[at] !== parent[at]);
      const [rows, columns] = [changed.map((at) => Math.floor(at / 10)), changed.map((at) => at % 10)];
      const [height, width] = [
        Math.max(...rows) - Math.min(...rows) + 1,
        Math.max(...columns) - Math.min(...columns) + 1,
      ];
      expect(changed.length).toBe(height * width);
      expect(height).toBeLessThanOrEqual(6);
      expect(width).toBeLessThanOrEqual(5);
      const values = new Set(changed.map((at) => child[at]));
      expect(values.size).toBe(1);
      expect([0, 65535]).toContain([...values][0]);
    }
  });
});

describe('Gaussian noise', () => {
  it('has the deviation that is asked for, and is clipped', () => {
    const parent = encoding.fromVector(new Float32Array(120).fill(0.5));
    const random = Random.stream(2);
    const variation = gaussianOf(encoding, { sigma: 0.1 });
    let squares = 0;
    for (let i = 0; i < 100; i++) {
      for (const value of encoding.toVector(variation.apply([parent], random, 1))) squares += (value - 0.5) ** 2;
    }
    // The variance of 12,000 draws deviates from 0.01 by 0.013 of it, in one deviation; five of them.
    expect(Math.abs(squares / 12_000 / 0.01 - 1)).toBeLessThan(0.065);
    const wide = gaussianOf(encoding, { sigma: 5 }).apply([parent], random, 1);
    expect(Math.min(...wide)).toBe(0);
    expect(Math.max(...wide)).toBe(65535);
  });
});
