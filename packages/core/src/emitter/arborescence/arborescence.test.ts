import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { Arborescence } from './arborescence.ts';

const options = { mean: new Float64Array(4).fill(0.5), branches: 2, sigma: 0.05, batch: 10, bounds: [0, 1] } as const;
const gradients = [Float32Array.of(3, 0, 0, 0), Float32Array.of(0, -0.001, 0, 0)];

describe('gradient arborescence', () => {
  it('branches in the space of the gradients, whatever their length, and never down the first', () => {
    const arborescence = new Arborescence(options);
    arborescence.branch(gradients);
    const draws = arborescence.ask(Random.stream(1));
    const first = Float64Array.from({ length: 10 }, (_, row) => draws[4 * row]! - 0.5);
    const second = Float64Array.from({ length: 10 }, (_, row) => draws[4 * row + 1]! - 0.5);
    expect(Math.min(...first)).toBeGreaterThan(0);
    expect(second.some((value) => value > 0) && second.some((value) => value < 0)).toBe(true);
    for (let row = 0; row < 10; row++) expect([...draws.subarray(4 * row + 2, 4 * row + 4)]).toEqual([0.5, 0.5]);
  });

  it('stays where there is no gradient', () => {
    const arborescence = new Arborescence(options);
    arborescence.branch([undefined, undefined]);
    expect(new Set(arborescence.ask(Random.stream(1)))).toEqual(new Set([0.5]));
  });

  it('climbs, and goes on from a state to the same bits', () => {
    const arborescence = new Arborescence(options);
    for (let generation = 0; generation < 40; generation++) {
      const resumed = new Arborescence(options);
      resumed.restore(arborescence.state());
      for (const each of [arborescence, resumed]) {
        each.branch(gradients);
        const draws = each.ask(Random.stream(generation));
        // The first number is wanted large, the second at 0.7.
        const value = (row: number) => draws[4 * row]! - Math.abs(draws[4 * row + 1]! - 0.7);
        each.tell(
          draws,
          [...Array(10).keys()].sort((a, b) => value(b) - value(a)),
          5,
        );
      }
      expect(resumed.state()).toEqual(arborescence.state());
    }
    expect(arborescence.mean[0]).toBeGreaterThan(0.95);
    expect(Math.abs(arborescence.mean[1]! - 0.7)).toBeLessThan(0.1);
    expect(arborescence.mean[2]).toBeCloseTo(0.5, 12);
  });
});
