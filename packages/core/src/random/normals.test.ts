import { describe, expect, it } from 'vitest';
import { fillNormals } from './normals.ts';
import { cosineOf, fillNormalsPlain, logarithm, sineOf } from './normals-plain.ts';
import { Random } from './random.ts';

function numbers(count: number, seed = 1): Float64Array {
  const out = new Float64Array(count);
  fillNormals(Random.stream(seed), out);
  return out;
}

/** The distribution function of the normal law, by its Taylor series, or the continued fraction of its tail (Abramowitz and Stegun 26.2.10 and 26.2.14). */
function phi(x: number): number {
  if (x < 0) return 1 - phi(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 4) {
    let fraction = 0;
    for (let k = 60; k >= 1; k--) fraction = k / (x + fraction);
    return 1 - density / (x + fraction);
  }
  let [term, sum] = [x, x];
  for (let k = 1; k < 120; k++) {
    term *= (-x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

describe('normal numbers in bulk', () => {
  it.each([0, 1, 7, 8, 9, 784, 2048, 2049, 5000])('%i of them are those of the plain twin, bit by bit', (count) => {
    const plain = new Float64Array(count);
    fillNormalsPlain(Random.stream(1), plain);
    expect(numbers(count)).toEqual(plain);
  });

  it('begin alike however many are made, and differ from seed to seed and from call to call', () => {
    expect(numbers(100)).toEqual(numbers(5000).subarray(0, 100));
    expect(numbers(100, 2)[0]).not.toBe(numbers(100, 1)[0]);
    const random = Random.stream(1);
    const [first, second] = [new Float64Array(10), new Float64Array(10)];
    fillNormals(random, first);
    fillNormals(random, second);
    expect(second).not.toEqual(first);
  });

  it('follow the normal law (Kolmogorov and Smirnov, 300,000 of them)', () => {
    const n = 300_000;
    const sorted = numbers(n, 3).sort();
    let distance = 0;
    for (let i = 0; i < n; i++) {
      const below = phi(sorted[i]!);
      distance = Math.max(distance, (i + 1) / n - below, below - i / n);
    }
    // 1.95 / sqrt(n) is exceeded by chance once in a thousand.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
  });

  it('have the moments 0, 1, 0, 3, 0 and 15', () => {
    const n = 300_000;
    const values = numbers(n, 4);
    // Five standard errors: the variance of x^k is the moment 2k less the square of the moment k.
    const moments = [0, 1, 0, 3, 0, 15];
    const doubled = [1, 3, 15, 105, 945, 10395];
    moments.forEach((moment, i) => {
      const mean = values.reduce((sum, x) => sum + x ** (i + 1), 0) / n;
      expect(Math.abs(mean - moment)).toBeLessThan(5 * Math.sqrt((doubled[i]! - moment ** 2) / n));
    });
  });

  it('reach as far out as they should: 63.3 of a million beyond 4', () => {
    const values = numbers(4_000_000, 5);
    const beyond = values.reduce((count, x) => count + Number(Math.abs(x) > 4), 0);
    const expected = 4_000_000 * 2 * (1 - phi(4));
    expect(Math.abs(beyond - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  it('have nothing to do with their neighbors, up to 8 places on, nor have their squares', () => {
    const n = 400_000;
    const values = numbers(n, 6);
    for (const lag of [1, 2, 3, 4, 8]) {
      let [plain, squared] = [0, 0];
      for (let i = 0; i + lag < n; i++) {
        plain += values[i]! * values[i + lag]!;
        squared += (values[i]! ** 2 - 1) * (values[i + lag]! ** 2 - 1);
      }
      expect(Math.abs(plain / n)).toBeLessThan(5 / Math.sqrt(n));
      expect(Math.abs(squared / n)).toBeLessThan(10 / Math.sqrt(n));
    }
  });
});

describe('the functions of their transformation', () => {
  it('are those of double precision to the last bits of single precision', () => {
    const random = Random.stream(7);
    const errors = { logarithm: 0, sine: 0, cosine: 0 };
    for (let i = 0; i < 20_000; i++) {
      const u = Math.fround(random.uniform() ** (1 + 3 * random.uniform()) + 2 ** -33);
      const exact = Math.log(u);
      errors.logarithm = Math.max(
        errors.logarithm,
        Math.abs(logarithm(u) - exact) / Math.max(2 ** -23, Math.abs(exact)),
      );
      const x = Math.fround((Math.PI / 4) * (2 * random.uniform() - 1));
      errors.sine = Math.max(errors.sine, Math.abs(sineOf(x) - Math.sin(x)));
      errors.cosine = Math.max(errors.cosine, Math.abs(cosineOf(x) - Math.cos(x)));
    }
    for (const error of Object.values(errors)) expect(error).toBeLessThan(2 ** -23);
    expect(logarithm(1)).toBe(0);
  });
});
