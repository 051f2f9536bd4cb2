import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageSize } from '../../image/images.ts';
import { drawDigits } from './digits.ts';

describe('drawn digits', () => {
  test('show every digit equally often', () => {
    const { labels } = drawDigits(500, 1);
    for (let digit = 0; digit < 10; digit++) expect(labels.filter((other) => other === digit).length).toBe(50);
  });

  test('do not depend on how many are drawn together', () => {
    const whole = drawDigits(60, 7);
    fc.assert(
      fc.property(fc.nat(59), fc.nat(59), (a, b) => {
        const [from, to] = a < b ? [a, b + 1] : [b, a + 1];
        const part = drawDigits(to - from, 7, from);
        const size = imageSize(whole.images);
        expect(Buffer.compare(part.images.data, whole.images.data.subarray(from * size, to * size))).toBe(0);
        expect(part.labels).toEqual(whole.labels.slice(from, to));
      }),
      { numRuns: 20 },
    );
  });

  test('are never drawn twice, neither within a seed nor under two seeds', () => {
    const { images: first } = drawDigits(300, 1);
    const { images: second } = drawDigits(300, 2);
    const seen = new Set<string>();
    for (const { data } of [first, second]) {
      for (let i = 0; i < 300; i++) seen.add(data.subarray(i * 784, (i + 1) * 784).join());
    }
    expect(seen.size).toBe(600);
  });

  // MNIST's description: the digit fills a box of 20x20 and its centre of mass is in the middle of 28x28.
  test('stand in the image as those of MNIST do', () => {
    const count = 1000;
    const { images } = drawDigits(count, 3);
    for (let i = 0; i < count; i++) {
      let [mass, x, y, border] = [0, 0, 0, 0];
      for (let at = 0; at < 784; at++) {
        const ink = images.data[i * 784 + at]!;
        if (ink < 100) continue;
        const [column, row] = [at % 28, Math.floor(at / 28)];
        mass += ink;
        x += ink * (column + 0.5);
        y += ink * (row + 0.5);
        if (column === 0 || row === 0 || column === 27 || row === 27) border++;
      }
      // Less than the thinnest 1: half of 20 pixels.
      expect(mass).toBeGreaterThan(10 * 255);
      expect(Math.hypot(x / mass - 14, y / mass - 14)).toBeLessThan(5);
      expect(border).toBeLessThan(8);
    }
    // The mean grey level of MNIST's training images, 0.1307 (as every tutorial subtracts), within a quarter.
    const mean = images.data.reduce((sum, value) => sum + value, 0) / images.data.length / 255;
    expect(Math.abs(mean / 0.1307 - 1)).toBeLessThan(0.25);
  });
});
