import { queryBudget } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import type { AuditedClassifier } from './bench.ts';
import type { AuditCheck } from './check.ts';

const even: AuditedClassifier = {
  shape: { channels: 1, height: 2, width: 2 },
  numClasses: 2,
  classNames: ['a', 'b'],
  where: 'even',
  predict: async ({ count }) => ({ count, numClasses: 2, data: new Float32Array(2 * count).fill(0.5) }),
  logits: async ({ count }) => ({ count, numClasses: 2, data: new Float32Array(2 * count) }),
  gradient: async ({ count }) => ({
    logits: new Float32Array(2 * count),
    value: new Float32Array(count),
    gradient: new Float32Array(4 * count),
  }),
};

const images = (count: number) => ({ ...even.shape, count, data: new Uint8Array(4 * count) });

const check = (run: AuditCheck['run']): AuditCheck => ({ name: 'own', title: 'own', cost: () => 1, run });
const NOTHING = { figures: [], sections: [], pictures: [], limits: [] };

describe('the queries of an audit', () => {
  it('are those of its units, each once, gradients in both directions', async () => {
    const own = check(async (bench) => {
      for (let turn = 0; turn < 2; turn++) {
        await bench.unit('scores', async () => (await bench.classifier.predict(images(3))).data);
      }
      await bench.unit('slopes', async () => {
        const floats = { ...even.shape, count: 2, data: new Float32Array(8) };
        await bench.classifier.gradient(floats, { kind: 'margin', classIndices: Int32Array.of(0, 0) });
        return null;
      });
      return NOTHING;
    });
    const { result } = await audit(even, { checks: [own] });
    expect(result.queries).toEqual({ forward: 5, backward: 2 });
  });

  it('are without those that a budget refused', async () => {
    const own = check(async (bench) => {
      await bench.unit('scores', async () => {
        await bench.classifier.predict(images(4));
        await bench.classifier.predict(images(100)).catch(() => undefined);
        return null;
      });
      return NOTHING;
    });
    const { result } = await audit(queryBudget(even, 10), { checks: [own] });
    expect(result.queries).toEqual({ forward: 4, backward: 0 });
  });

  it('are the same where an audit goes on from what it had stored', async () => {
    const stored = new Map<string, unknown>();
    const unit = async <T>(key: string, work: (bookmark: { value: undefined; offer(): void }) => Promise<T>) => {
      if (!stored.has(key)) stored.set(key, await work({ value: undefined, offer: () => {} }));
      return stored.get(key) as T;
    };
    let asked = 0;
    const counting: AuditedClassifier = {
      ...even,
      predict: (some) => {
        asked += some.count;
        return even.predict(some);
      },
    };
    const own = check(async (bench) => {
      await bench.unit('scores', async () => (await bench.classifier.predict(images(3))).data);
      return NOTHING;
    });
    const first = await audit(counting, { checks: [own], unit });
    const again = await audit(counting, { checks: [own], unit });
    expect(asked).toBe(3);
    expect(again.result).toEqual(first.result);
  });
});
