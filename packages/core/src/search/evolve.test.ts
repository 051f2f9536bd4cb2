import { describe, expect, it } from 'vitest';
import type { Scorer } from '../classifier/classifier.ts';
import type { Recordable } from '../emitter/recordable.ts';
import { evolve } from './evolve.ts';

/** Class 0 wants white images, class 1 black ones, class 2 a white upper half. */
const scorer: Scorer = {
  shape: { channels: 1, height: 8, width: 8 },
  predict: async ({ count, data }) => {
    const scores = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) {
      const mean = (from: number, to: number): number =>
        data.subarray(64 * i + from, 64 * i + to).reduce((sum, value) => sum + value, 0) / (to - from) / 255;
      scores.set([mean(0, 64), 1 - mean(0, 64), mean(0, 32) * (1 - mean(32, 64))], 3 * i);
    }
    return { count, numClasses: 3, data: scores };
  },
};

describe.each(['cppn', 'direct'] as const)('an evolution over %s', (encoding) => {
  const options = { encoding, classes: [0, 1, 2], seed: 3, batch: 20, generations: 12 };

  it('that was left and taken up again comes to the same', async () => {
    const places: Recordable[] = [];
    const whole = await evolve(scorer, {
      ...options,
      bookmark: { value: undefined, offer: (make) => void places.push(make()) },
    });
    expect(places).toHaveLength(13);
    for (const value of [places[0]!, places[6]!, places[12]!]) {
      expect(await evolve(scorer, { ...options, bookmark: { value, offer: () => {} } })).toEqual(whole);
    }
  });

  it('ends at its target, also when it is taken up again there', async () => {
    const places: Recordable[] = [];
    const offer = (make: () => Recordable): void => void places.push(make());
    const ended = await evolve(scorer, { ...options, target: 0.3, bookmark: { value: undefined, offer } });
    expect(ended.worst.at(-1)).toBeGreaterThanOrEqual(0.3);
    expect(ended.worst.slice(0, -1).every((value) => value < 0.3)).toBe(true);
    const value = places.at(-1)!;
    expect(await evolve(scorer, { ...options, target: 0.3, bookmark: { value, offer: () => {} } })).toEqual(ended);
  });
});
