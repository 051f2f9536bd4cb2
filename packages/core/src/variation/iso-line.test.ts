import { describe, expect, it } from 'vitest';
import { directEncoding } from '../encoding/direct.ts';
import { Random } from '../random/random.ts';
import { isoLineOf } from './iso-line.ts';
import { vectorMutationOf } from './vector-mutation.ts';

const encoding = directEncoding({ channels: 1, height: 1, width: 3 });
const first = encoding.fromVector(Float32Array.of(0.4, 0.5, 0.5));
const second = encoding.fromVector(Float32Array.of(0.6, 0.5, 0.45));

describe('iso-line', () => {
  it('without noise stays on the line through both parents, with one length for all numbers', () => {
    const variation = isoLineOf(encoding, { sigmaIso: 0, sigmaLine: 0.5 });
    const lengths = Array.from({ length: 2000 }, (_, i) => {
      const child = encoding.toVector(variation.apply([first, second], Random.stream(1, i), 1));
      const length = (child[0]! - 0.4) / 0.2;
      expect(child[1]).toBeCloseTo(0.5, 4);
      expect(child[2]! - 0.5).toBeCloseTo(-0.05 * length, 4);
      return length;
    });
    const mean = lengths.reduce((sum, value) => sum + value, 0) / 2000;
    const variance = lengths.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2000;
    // Normal with deviation 0.5: five standard errors of the mean and of the variance.
    expect(Math.abs(mean)).toBeLessThan(5 * (0.5 / Math.sqrt(2000)));
    expect(Math.abs(variance - 0.25)).toBeLessThan(5 * 0.25 * Math.sqrt(2 / 2000));
  });

  it('of two equal parents is noise of deviation sigmaIso in each number by itself', () => {
    const variation = isoLineOf(encoding, { sigmaIso: 0.05, sigmaLine: 0.5 });
    const moves = Array.from({ length: 3000 }, (_, i) =>
      encoding.toVector(variation.apply([second, second], Random.stream(2, i), 1)),
    );
    const variance = moves.reduce((sum, child) => sum + (child[1]! - 0.5) ** 2, 0) / 3000;
    const together = moves.reduce((sum, child) => sum + (child[1]! - 0.5) * (child[2]! - 0.45), 0) / 3000;
    expect(Math.abs(variance - 0.0025)).toBeLessThan(5 * 0.0025 * Math.sqrt(2 / 3000));
    expect(Math.abs(together)).toBeLessThan(5 * 0.0025 * Math.sqrt(1 / 3000));
  });

  it('is clipped to [0, 1] and leaves the parents alone', () => {
    const [black, white] = [new Uint16Array(3), new Uint16Array(3).fill(65535)];
    const child = isoLineOf(encoding, { sigmaLine: 10 }).apply([black, white], Random.stream(3), 1);
    expect([0, 65535]).toContain(child[0]);
    expect([...black, ...white]).toEqual([0, 0, 0, 65535, 65535, 65535]);
  });
});

describe('mutation of vectors', () => {
  it("moves a number further than d with the paper's chance, 0.1 (1-d)^16", () => {
    const wide = directEncoding({ channels: 1, height: 20, width: 20 });
    const grey = new Uint16Array(400).fill(32768);
    const variation = vectorMutationOf(wide);
    const moved = Array.from({ length: 200 }, (_, i) => [...variation.apply([grey], Random.stream(4, i), 1)]).flat();
    const n = moved.length;
    for (const d of [0.001, 0.05, 0.2]) {
      const chance = 0.1 * (1 - d) ** 16;
      const share = moved.filter((gene) => Math.abs(gene - 32768) / 65535 > d).length / n;
      expect(Math.abs(share - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / n));
    }
  });
});
