import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { hsvGradient } from './levels.ts';

/** Hue, saturation and value to red, green and blue without rounding, by the formula of six sectors (Smith 1978). */
function sectors(hue: number, saturation: number, value: number): number[] {
  const channel = (n: number): number => {
    const k = (n + 6 * hue) % 6;
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return [channel(5), channel(3), channel(1)];
}

describe('derivatives through hue, saturation and value', () => {
  it('are those of finite differences of the formula of six sectors', () => {
    const random = Random.stream(1);
    const step = 1e-6;
    for (let i = 0; i < 300; i++) {
      const hsv = Float32Array.from({ length: 3 }, () => 0.01 + 0.98 * random.uniform());
      const sixth = (6 * hsv[0]!) % 1;
      // Differences across a kink are no derivative.
      if (Math.min(sixth, 1 - sixth) < 1e-3) continue;
      const weights = Float32Array.from({ length: 3 }, () => random.normal());
      const value = (point: readonly number[]): number =>
        sectors(point[0]!, point[1]!, point[2]!).reduce((sum, channel, k) => sum + weights[k]! * channel, 0);
      const into = new Float32Array(3);
      hsvGradient(hsv, weights, into);
      for (let k = 0; k < 3; k++) {
        const moved = (by: number): number[] => Array.from(hsv, (x, j) => x + (j === k ? by : 0));
        const slope = (value(moved(step)) - value(moved(-step))) / (2 * step);
        expect(Math.abs(into[k]! - slope)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
      }
    }
  });
});
