import type { Classifier, FloatImages, Images, Recordable } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { SEARCHES } from '../audit/searches/searches.ts';
import { type Guard, type GuardSearchPlan, searchesAgainstGuards } from './searches-against-guards.ts';

const shape = { channels: 1, height: 8, width: 8 } as const;

/** Of each image the mean pixel in [0, 1]. */
function brightness({ count, data }: Images | FloatImages): number[] {
  const scale = data instanceof Uint8Array ? 1 / 255 : 1;
  return Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (const value of data.subarray(64 * row, 64 * row + 64)) sum += value * scale;
    return sum / 64;
  });
}

/** Class 0 wants white images, class 1 black ones; the score is a linear function of the brightness, too. */
function network(slope: number, offset: number): Guard['scored'] & Pick<Classifier, 'predict'> {
  const rows = (images: Images | FloatImages): number[][] =>
    brightness(images).map((b) => [30 * (b - 0.5), -30 * (b - 0.5), slope * b + offset]);
  return {
    shape,
    numClasses: 3,
    logits: async (images) => ({ count: images.count, numClasses: 3, data: Float32Array.from(rows(images).flat()) }),
    gradient: async (images, objective) => {
      if (objective.kind !== 'linear' && objective.kind !== 'log-confidence') throw new Error(objective.kind);
      const logits = rows(images);
      const gradient = new Float32Array(images.data.length);
      const value = new Float32Array(images.count);
      logits.forEach((row, i) => {
        const p = 1 / (1 + Math.exp(row[1]! - row[0]!));
        const [k] = objective.kind === 'linear' ? [-1] : [objective.classIndices[i]!];
        const w =
          objective.kind === 'linear'
            ? objective.weights.subarray(3 * i, 3 * i + 3)
            : [(k === 0 ? 1 : 0) - p, (k === 1 ? 1 : 0) - (1 - p), 0];
        if (objective.kind === 'log-confidence') value[i] = Math.log(k === 0 ? p : 1 - p);
        gradient.fill((30 * w[0]! - 30 * w[1]! + slope * w[2]!) / 64, 64 * i, 64 * i + 64);
      });
      return { logits: Float32Array.from(logits.flat()), value, gradient };
    },
    predict: async (images) => ({
      count: images.count,
      numClasses: 2,
      data: Float32Array.from(
        rows(images).flatMap(([z]) => {
          const p = 1 / (1 + Math.exp(-2 * z!));
          return [p, 1 - p];
        }),
      ),
    }),
  };
}

const plan: GuardSearchPlan = {
  // Pixels drawn each by itself stay grey on the whole, so their evolution takes too long for a test.
  searches: SEARCHES.filter(({ name }) => name !== 'pixels'),
  seeds: [1, 2],
  classes: [0, 1],
  questions: 600,
  threshold: 0.9,
};

function bench() {
  const memory = new Map<string, Recordable>();
  const shares: number[] = [];
  return {
    memory,
    shares,
    async unit<T extends Recordable>(key: string, work: (bookmark: never) => Promise<T>): Promise<T> {
      expect(memory.has(key)).toBe(false);
      const result = await work({ value: undefined, offer: () => {} } as never);
      memory.set(key, result);
      return result;
    },
    progress: (share: number) => {
      shares.push(share);
    },
    pause: async () => {},
  };
}

describe('searches against guards', () => {
  it('tell a guard that accepts all from one that refuses all, and from one that refuses a class', async () => {
    const plain = network(0, 0);
    const guards: Guard[] = [
      { name: 'all', scored: network(0, 1), threshold: 0, scale: 1 },
      { name: 'none', scored: network(0, -1), threshold: 0, scale: 1 },
      // Refuses what is brighter than .45, and so every image of class 0.
      { name: 'dark', scored: network(-1, 0.45), threshold: 0, scale: 0.1 },
    ];
    const own = bench();
    const results = await searchesAgainstGuards(plain, guards, plan, own);
    expect(results.map(({ search }) => search)).toEqual(['cppn', 'ascent']);
    for (const { untold, guards: against } of results) {
      const [all, none, dark] = against;
      expect(untold).toMatchObject({ found: 4, of: 4 });
      expect(all).toMatchObject({ name: 'all', stopped: 0, of: 4, told: untold });
      expect(none).toMatchObject({ stopped: 4, of: 4, told: { found: 0, of: 4, questions: Number.POSITIVE_INFINITY } });
      expect(dark).toMatchObject({ stopped: 2, of: 4, told: { found: 2, of: 4 } });
    }
    expect(own.shares.every((share, i) => share <= 1 && share >= (own.shares[i - 1] ?? 0))).toBe(true);
    expect(own.memory.size).toBe(2 * 2 * 4);
  });

  it('refuses a threshold at which refused images would count', async () => {
    const run = searchesAgainstGuards(network(0, 0), [], { ...plan, threshold: 0.5 }, bench());
    await expect(run).rejects.toThrow('give one above 0.5');
  });
});
