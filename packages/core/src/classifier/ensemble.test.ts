import { describe, expect, it } from 'vitest';
import type { FloatImages } from '../image/images.ts';
import type { Classifier } from './classifier.ts';
import { ensemble } from './ensemble.ts';
import type { Objective } from './objective.ts';

const shape = { channels: 1, height: 1, width: 1 } as const;

/** Two classes with the logits `slope * x` and 0: the confidence in the first is a sigmoid. */
function linear(slope: number, changes: Partial<Classifier> = {}): Classifier {
  const logits = (x: number): number => slope * x;
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  return {
    shape,
    numClasses: 2,
    classNames: ['up', 'down'],
    where: `slope ${slope}`,
    predict: async ({ count, data }) => ({
      count,
      numClasses: 2,
      data: Float32Array.from([...data].flatMap((x) => [sigmoid(logits(x / 255)), sigmoid(-logits(x / 255))])),
    }),
    logits: async ({ count, data }) => ({
      count,
      numClasses: 2,
      data: Float32Array.from([...data].flatMap((x) => [logits(x), 0])),
    }),
    gradient: async ({ data }: FloatImages) => ({
      logits: Float32Array.from([...data].flatMap((x) => [logits(x), 0])),
      value: Float32Array.from(data, (x) => Math.log(sigmoid(logits(x)))),
      gradient: Float32Array.from(data, (x) => slope * sigmoid(-logits(x))),
    }),
    ...changes,
  };
}

describe('an ensemble', () => {
  const both = ensemble([linear(2), linear(-3)]);

  it('is as certain as the least certain of its members', async () => {
    const { data } = await both.predict({ ...shape, count: 2, data: Uint8Array.of(0, 255) });
    // 1 / (1 + e^3) and 1 / (1 + e^2).
    [0.5, 0.5, 0.04742587, 0.11920292].forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 6);
    });
    const { data: logs } = await both.logits({ ...shape, count: 1, data: Float32Array.of(1) });
    expect(logs[0]).toBeCloseTo(Math.log(0.04742587), 5);
  });

  it('climbs for the member that is the least certain: its gradient is the finite difference of its value', async () => {
    const objective: Objective = { kind: 'log-confidence', classIndices: Int32Array.of(0) };
    const at = (x: number) => both.gradient({ ...shape, count: 1, data: Float32Array.of(x) }, objective);
    for (const x of [0.25, 0.75]) {
      const [low, high] = [await at(x - 1e-3), await at(x + 1e-3)];
      expect((await at(x)).gradient[0]).toBeCloseTo((high.value[0]! - low.value[0]!) / 2e-3, 2);
    }
  });

  it('does not hide what is no number behind a member that has one, in whatever order they are', async () => {
    const broken = linear(1, {
      gradient: async () => ({
        logits: new Float32Array(2).fill(Number.NaN),
        value: Float32Array.of(Number.NaN),
        gradient: Float32Array.of(Number.NaN),
      }),
    });
    const objective: Objective = { kind: 'log-confidence', classIndices: Int32Array.of(0) };
    for (const members of [
      [broken, linear(2)],
      [linear(2), broken],
    ]) {
      const answer = await ensemble(members).gradient({ ...shape, count: 1, data: Float32Array.of(0.5) }, objective);
      expect([...answer.value, ...answer.gradient]).toEqual([Number.NaN, Number.NaN]);
    }
  });

  it('has no gradient where a member has none, and an estimate where one has that', () => {
    expect(ensemble([linear(1), linear(2, { noGradient: 'it is far away' })]).noGradient).toBe('it is far away');
    expect(ensemble([linear(1), linear(2, { gradientKind: 'straight-through' })]).gradientKind).toBe(
      'straight-through',
    );
    expect(both.noGradient).toBeUndefined();
  });

  it.each<[string, readonly Classifier[]]>([
    ['needs two members', [linear(1)]],
    ['choose models of the same input', [linear(1), linear(2, { shape: { ...shape, width: 2 } })]],
    ['slope 1 has 2 classes, slope 2 has 3', [linear(1), linear(2, { numClasses: 3 })]],
    ['tells only labels', [linear(1), linear(2, { answers: 'labels' })]],
  ])('refuses members that do not fit: %s', (message, members) => {
    expect(() => ensemble(members)).toThrow(message);
  });

  it('gives no gradients but those of confidences', async () => {
    const objective = { kind: 'margin', classIndices: Int32Array.of(0) } as const;
    await expect(both.gradient({ ...shape, count: 1, data: Float32Array.of(0) }, objective)).rejects.toThrow(
      'gradients of confidences only',
    );
  });
});
