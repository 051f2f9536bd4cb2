import { describe, expect, it } from 'vitest';
import type { Classifier } from './classifier.ts';
import { metered } from './metered.ts';
import { QueryBudgetError, queryBudget } from './query-budget.ts';

const shape = { channels: 1, height: 1, width: 1 } as const;

/** Answers with zeros, and counts the images that it is really asked about. */
function counting(): Classifier & { forward: number; backward: number } {
  const rows = (count: number) => ({ count, numClasses: 2, data: new Float32Array(2 * count) });
  return {
    shape,
    numClasses: 2,
    classNames: ['a', 'b'],
    where: 'net.onnx',
    forward: 0,
    backward: 0,
    async predict({ count }) {
      this.forward += count;
      return rows(count);
    },
    async logits({ count }) {
      this.forward += count;
      return rows(count);
    },
    async gradient({ count }) {
      this.forward += count;
      this.backward += count;
      return { logits: rows(count).data, value: new Float32Array(count), gradient: new Float32Array(count) };
    },
    async features({ count }) {
      this.forward += count;
      return { count, width: 1, data: new Float32Array(count) };
    },
  };
}

const bytes = (count: number) => ({ ...shape, count, data: new Uint8Array(count) });
const floats = (count: number) => ({ ...shape, count, data: new Float32Array(count) });
const objective = (count: number) => ({ kind: 'margin', classIndices: new Int32Array(count) }) as const;

describe('a query budget', () => {
  it('counts each image of each call as the network itself does', async () => {
    const network = counting();
    const budgeted = queryBudget(network, 100);
    await budgeted.predict(bytes(3));
    await budgeted.logits(floats(4));
    await budgeted.gradient(floats(5), objective(5));
    await budgeted.features!(bytes(2));
    expect(budgeted.queries).toEqual({ forward: 14, backward: 5 });
    expect(budgeted.queries).toEqual({ forward: network.forward, backward: network.backward });
    expect(budgeted.remaining).toBe(86);
  });

  it('may be spent to the last query, and then refuses without asking', async () => {
    const network = counting();
    const budgeted = queryBudget(network, 10);
    await budgeted.predict(bytes(6));
    await expect(budgeted.predict(bytes(5))).rejects.toThrow(QueryBudgetError);
    await expect(budgeted.gradient(floats(5), objective(5))).rejects.toThrow(
      'net.onnx has 4 of 10 queries left, and 5 more were asked for',
    );
    expect(budgeted.remaining).toBe(4);
    await budgeted.logits(bytes(4));
    expect(budgeted.remaining).toBe(0);
    await expect(budgeted.logits(bytes(1))).rejects.toThrow(QueryBudgetError);
    expect(network.forward).toBe(10);
  });

  it.each([-1, 0.5, Number.NaN])('of %d is refused', (budget) => {
    expect(() => queryBudget(counting(), budget)).toThrow(/give a whole number/);
  });
});

it('a wrapper shows features just where what it wraps does', () => {
  const { features, ...plain } = counting();
  expect(metered(plain, () => {}).features).toBeUndefined();
  expect(queryBudget(counting(), 1).features).toBeDefined();
});
