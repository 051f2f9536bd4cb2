import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

function draw<T>(count: number, next: () => T): T[] {
  return Array.from({ length: count }, next);
}

describe('a stream', () => {
  it('is the same for the same seed and keys, and another for any other', () => {
    const first = (...path: [number, ...number[]]): number[] => {
      const random = Random.stream(...path);
      return draw(4, () => random.uint32());
    };
    expect(first(1, 2, 3)).toEqual(first(1, 2, 3));
    const paths: [number, ...number[]][] = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [1, 2],
      [1],
      [1, 2, 3, 0],
      [2 ** 40],
      [0],
      [-1],
    ];
    const seen = new Set(paths.map((path) => first(...path).join()));
    expect(seen.size).toBe(paths.length);
  });

  it('refuses a seed that is not a whole number', () => {
    expect(() => Random.stream(0.5)).toThrow('whole number');
  });

  it('is uniform: mean 1/2, variance 1/12', () => {
    const random = Random.stream(3);
    const n = 100_000;
    const values = draw(n, () => random.uniform());
    const mean = values.reduce((a, b) => a + b) / n;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    // Five standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it('gives whole numbers with equal chances (chi-squared, 9 degrees of freedom)', () => {
    const random = Random.stream(4);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.integer(10)]!++;
    const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(27.9); // exceeded by chance once in a thousand
  });

  it('has no modulo bias: the thirds of 3 x 2^30 are as likely (chi-squared, 2 degrees of freedom)', () => {
    const random = Random.stream(6);
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) counts[Math.floor(random.integer(3 * 2 ** 30) / 2 ** 30)]!++;
    const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(13.9); // exceeded by chance once in a thousand
  });

  it('takes bounds of 1 to 2^32', () => {
    const random = Random.stream(9);
    expect(draw(10, () => random.integer(1))).toEqual(new Array(10).fill(0));
    const [whole, words] = [Random.stream(10), Random.stream(10)];
    expect(draw(10, () => whole.integer(2 ** 32))).toEqual(draw(10, () => words.uint32()));
    for (const bound of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 1]) {
      expect(() => random.integer(bound)).toThrow(RangeError);
    }
  });

  it('is normal: mean 0, variance 1, kurtosis 3', () => {
    const random = Random.stream(5);
    const n = 100_000;
    const values = draw(n, () => random.normal());
    const moment = (k: number): number => values.reduce((a, b) => a + b ** k, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  it('has unrelated streams for neighbouring keys', () => {
    // Correlation of the first draw over neighbouring keys; standard error 1/sqrt(n).
    const n = 20_000;
    const firsts = draw(n + 1, () => 0).map((_, key) => Random.stream(7, 1, key).uniform() - 0.5);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += firsts[i]! * firsts[i + 1]!;
    expect(Math.abs((sum * 12) / n)).toBeLessThan(5 / Math.sqrt(n));
  });

  it('shuffles to every order with equal chances', () => {
    const random = Random.stream(8);
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const order = random.shuffle([0, 1, 2, 3]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 2500) ** 2 / 2500, 0);
    expect(chi).toBeLessThan(49.7); // 23 degrees of freedom, once in a thousand
  });
});
