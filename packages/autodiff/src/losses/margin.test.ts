import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { runModel } from '../testing/run.ts';
import { apart } from '../testing/samples.ts';
import { dlrObjective, marginObjective, targetedDlrObjective, targetedMarginObjective } from './margin.ts';
import type { Objective } from './objective.ts';

type ObjectiveOf = (b: GraphBuilder, logits: string, classes: string, targets: string) => Objective;

/** Values and cotangents of rows, computed by the graph in float32. */
async function evaluate(
  objective: ObjectiveOf,
  rows: readonly (readonly number[])[],
  classes: readonly number[],
  targets: readonly number[] = classes,
) {
  const count = rows[0]!.length;
  const b = new GraphBuilder();
  b.input('logits', 'float32', ['N', count]);
  b.input('classes', 'int64', ['N']);
  b.input('targets', 'int64', ['N']);
  const { value, cotangent } = objective(b, 'logits', 'classes', 'targets');
  expect(b.shape(value)).toEqual(['N']);
  expect(b.shape(cotangent)).toEqual(['N', count]);
  b.output(b.op('Identity', [value], {}, 'value'));
  b.output(b.op('Identity', [cotangent], {}, 'cotangent'));
  const indices = (values: readonly number[]) => ({
    dims: [rows.length],
    data: BigInt64Array.from(values, BigInt),
  });
  const results = await runModel(b.build(), {
    logits: { dims: [rows.length, count], data: Float32Array.from(rows.flat()) },
    classes: indices(classes),
    targets: indices(targets),
  });
  const all = [...results.cotangent!.data];
  return {
    values: [...results.value!.data],
    cotangents: rows.map((_, i) => all.slice(i * count, (i + 1) * count)),
  };
}

/** The objectives as in their papers, in double precision. */
const MARGIN = (z: readonly number[], y: number): number => Math.max(...z.filter((_, i) => i !== y)) - z[y]!;
const down = (z: readonly number[]): number[] => [...z].sort((a, b) => b - a);
const PUBLISHED = {
  margin: MARGIN,
  'targeted margin': (z: readonly number[], _: number, t: number) => -MARGIN(z, t),
  dlr: (z: readonly number[], y: number) => MARGIN(z, y) / (down(z)[0]! - down(z)[2]!),
  'targeted dlr': (z: readonly number[], y: number, t: number) =>
    -(z[y]! - z[t]!) / (down(z)[0]! - (down(z)[2]! + down(z)[3]!) / 2),
} as const;

const OURS: Readonly<Record<keyof typeof PUBLISHED, ObjectiveOf>> = {
  margin: marginObjective,
  'targeted margin': (b, logits, _, targets) => targetedMarginObjective(b, logits, targets),
  dlr: dlrObjective,
  'targeted dlr': targetedDlrObjective,
};

const cases = fc
  .tuple(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 1, max: 5 }), fc.nat(1e6))
  .chain(([count, samples, seed]) =>
    fc.record({
      rows: fc.constant(Array.from({ length: samples }, (_, i) => [...apart(seed + i, [count]).data])),
      classes: fc.array(fc.nat(count - 1), { minLength: samples, maxLength: samples }),
      targets: fc.array(fc.nat(count - 1), { minLength: samples, maxLength: samples }),
    }),
  );

describe.each(Object.keys(PUBLISHED) as (keyof typeof PUBLISHED)[])('%s', (kind) => {
  it('is what its definition says in double precision, and its derivative what central differences of that say', () =>
    fc.assert(
      fc.asyncProperty(cases, async ({ rows, classes, targets }) => {
        const { values, cotangents } = await evaluate(OURS[kind], rows, classes, targets);
        const step = 1e-5;
        rows.forEach((row, i) => {
          const exact = (z: readonly number[]): number => PUBLISHED[kind](z, classes[i]!, targets[i]!);
          expect(Math.abs(values[i]! - exact(row))).toBeLessThan(1e-5 * Math.max(1, Math.abs(exact(row))));
          row.forEach((_, j) => {
            const moved = (by: number): number => exact(row.map((z, k) => (k === j ? z + by : z)));
            const slope = (moved(step) - moved(-step)) / (2 * step);
            expect(Math.abs(cotangents[i]![j]! - slope), `slope ${j}`).toBeLessThan(
              1e-4 * Math.max(1, Math.abs(slope)),
            );
          });
        });
      }),
      { seed: 2020, numRuns: 30 },
    ));
});

describe('the margin', () => {
  it('is above zero where another class is larger, and goes from the class to the largest other one', async () => {
    const { values, cotangents } = await evaluate(
      marginObjective,
      [
        [5, 2, 3],
        [5, 2, 3],
      ],
      [0, 1],
    );
    expect(values).toEqual([-2, 3]);
    expect(cotangents).toEqual([
      [-1, 0, 1],
      [1, -1, 0],
    ]);
  });

  it('takes the first of other classes that share the maximum', async () => {
    const { cotangents } = await evaluate(marginObjective, [[1, 4, 0, 4]], [2]);
    expect(cotangents).toEqual([[0, 1, -1, 0]]);
  });

  it('leaves a logit of minus infinity aside', async () => {
    const { values } = await evaluate(marginObjective, [[1, Number.NEGATIVE_INFINITY, 0]], [0]);
    expect(values).toEqual([-1]);
  });
});

describe('the difference of logits ratio', () => {
  it('is the closed form of Croce and Hein, equations 6 and 7', async () => {
    expect((await evaluate(dlrObjective, [[3, 1, 2, 0]], [0])).values[0]).toBeCloseTo(-0.5, 6);
    expect((await evaluate(dlrObjective, [[3, 1, 2, 0]], [3])).values[0]).toBeCloseTo(1.5, 6);
    expect((await evaluate(targetedDlrObjective, [[3, 1, 2, 0]], [0], [3])).values[0]).toBeCloseTo(-1.2, 6);
  });

  it.each(['dlr', 'targeted dlr'] as const)(
    '%s does not change when all logits are shifted or scaled, so its slopes lie across both',
    (kind) =>
      fc.assert(
        fc.asyncProperty(cases, async ({ rows, classes, targets }) => {
          const { cotangents } = await evaluate(OURS[kind], rows, classes, targets);
          rows.forEach((row, i) => {
            const slopes = cotangents[i]!;
            const size = Math.hypot(...slopes) * Math.hypot(...row, 1);
            expect(Math.abs(slopes.reduce((sum, slope) => sum + slope, 0))).toBeLessThanOrEqual(1e-5 * size);
            expect(Math.abs(slopes.reduce((sum, slope, j) => sum + slope * row[j]!, 0))).toBeLessThanOrEqual(
              1e-5 * size,
            );
          });
        }),
        { seed: 2020, numRuns: 20 },
      ),
  );

  it('stays finite where all logits are equal', async () => {
    for (const kind of ['dlr', 'targeted dlr'] as const) {
      const { values, cotangents } = await evaluate(OURS[kind], [[2, 2, 2, 2, 2]], [1], [3]);
      expect([...values, ...cotangents.flat()].every(Number.isFinite)).toBe(true);
    }
  });

  it('says how many classes it needs', async () => {
    await expect(evaluate(dlrObjective, [[1, 2]], [0])).rejects.toThrow('needs 3 classes, and logits has 2');
    await expect(evaluate(targetedDlrObjective, [[1, 2, 3]], [0])).rejects.toThrow('needs 4 classes, and logits has 3');
    await expect(evaluate(marginObjective, [[1]], [0])).rejects.toThrow('needs 2 classes, and logits has 1');
  });
});

it('an objective says that it needs logits in rows of a known number of classes', () => {
  const b = new GraphBuilder();
  b.input('logits', 'float32', ['N', 'classes']);
  b.input('labels', 'int64', ['N']);
  expect(() => marginObjective(b, 'logits', 'labels')).toThrow('logits of the shape [samples, classes]');
});
