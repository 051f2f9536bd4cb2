import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { OpenAiEs } from './openai-es.ts';

const options = { mean: [0.5, 0.5, 0.5], sigma: 0.1, batch: 8, stepSize: 0.05, bounds: [0, 1] } as const;

describe("OpenAI's evolution strategy", () => {
  it('draws pairs that mirror each other', () => {
    const draws = new OpenAiEs(options).ask(Random.stream(1));
    for (let row = 0; row < 8; row += 2) {
      for (let i = 0; i < 3; i++) expect(draws[row * 3 + i]! + draws[(row + 1) * 3 + i]!).toBeCloseTo(1, 15);
    }
  });

  it('takes a first step of Adam, whose length is the step size in every number', () => {
    const es = new OpenAiEs(options);
    // Two draws: the estimate points from the worse to the better one.
    es.tell(Float64Array.of(0.6, 0.4, 0.55, 0.4, 0.6, 0.45), [0, 1]);
    expect(es.mean[0]).toBeCloseTo(0.55, 7);
    expect(es.mean[1]).toBeCloseTo(0.45, 7);
    expect(es.mean[2]).toBeCloseTo(0.55, 7);
  });

  it('climbs a slope to the bounds, and goes on from a state to the same bits', () => {
    const es = new OpenAiEs(options);
    for (let generation = 0; generation < 60; generation++) {
      const resumed = new OpenAiEs(options);
      resumed.restore(es.state());
      for (const each of [es, resumed]) {
        const draws = each.ask(Random.stream(generation));
        const value = (row: number) => draws[3 * row]! - draws[3 * row + 1]!;
        each.tell(
          draws,
          [...Array(8).keys()].sort((a, b) => value(b) - value(a)),
        );
      }
      expect(resumed.state()).toEqual(es.state());
    }
    expect(es.mean[0]).toBe(1);
    expect(es.mean[1]).toBe(0);
  });
});
