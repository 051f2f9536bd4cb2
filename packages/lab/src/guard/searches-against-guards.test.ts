import type { FloatImages, Images, Recordable } from '@pareidolia/core';
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

const pick =
  (k: number): ((row: readonly number[]) => number) =>
  (row) =>
    row[k]!;

/**
 * Class 0 wants white images, class 1 black ones; the score, a linear function of the brightness, has to be at least 0, else a third
 * class takes all but e^score / 2 of the probabilities.
 */
function network(slope: number, offset: number): Guard['guarded'] {
  const probabilities = (b: number): number[] => {
    const p = 1 / (1 + Math.exp(-60 * (b - 0.5)));
    const score = slope * b + offset;
    const left = score >= 0 ? 1 : Math.exp(score) / 2;
    return [left * p, left * (1 - p), 1 - left];
  };
  const rows = (images: Images | FloatImages): number[][] => brightness(images).map(probabilities);
  return {
    shape,
    gradient: async (images, objective) => {
      if (objective.kind !== 'log-confidence') throw new Error(objective.kind);
      const gradient = new Float32Array(images.data.length);
      const value = Float32Array.from(rows(images), (row, i) => Math.log(pick(objective.classIndices[i]!)(row)));
      brightness(images).forEach((b, i) => {
        const log = (at: number): number => Math.log(pick(objective.classIndices[i]!)(probabilities(at)));
        gradient.fill((log(b + 1e-6) - log(b - 1e-6)) / 2e-6 / 64, 64 * i, 64 * i + 64);
      });
      return { logits: Float32Array.from(rows(images).flat(), Math.log), value, gradient };
    },
    predict: async (images) => ({
      count: images.count,
      numClasses: 3,
      data: Float32Array.from(rows(images).flat()),
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
  it('tell guards apart: one that accepts all, one that refuses all, one that refuses a class', async () => {
    const plain = network(0, 1);
    const guards: Guard[] = [
      { name: 'all', guarded: network(0, 1) },
      { name: 'none', guarded: network(0, -1) },
      // Refuses what is brighter than .45, and so every image of class 0.
      { name: 'dark', guarded: network(-10, 4.5) },
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
