import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { runModel } from '../testing/run.ts';
import type { Objective } from './objective.ts';
import { logitObjective, logProbabilityObjective, logSigmoidObjective, probabilityObjective } from './probability.ts';

type ObjectiveOf = (b: GraphBuilder, logits: string, classes: string) => Objective;

/** Value and cotangent of each row, computed by the graph in float32. */
async function evaluate(objective: ObjectiveOf, rows: readonly (readonly number[])[], classes: readonly number[]) {
  const count = rows[0]!.length;
  const b = new GraphBuilder();
  b.input('logits', 'float32', ['N', count]);
  b.input('classes', 'int64', ['N']);
  const { value, cotangent } = objective(b, 'logits', 'classes');
  expect(b.shape(value)).toEqual(['N']);
  expect(b.shape(cotangent)).toEqual(['N', count]);
  b.output(b.op('Identity', [value], {}, 'value'));
  b.output(b.op('Identity', [cotangent], {}, 'cotangent'));
  const results = await runModel(b.build(), {
    logits: { dims: [rows.length, count], data: Float32Array.from(rows.flat()) },
    classes: { dims: [rows.length], data: BigInt64Array.from(classes, BigInt) },
  });
  const all = [...results.cotangent!.data];
  return {
    values: [...results.value!.data],
    cotangents: rows.map((_, i) => all.slice(i * count, (i + 1) * count)),
  };
}

/** log p and p of every class, in double precision, with the sum over the others kept apart from the one. */
function softmax(row: readonly number[], chosen: number): { log: number; others: number[]; rest: number } {
  const exact = row.map(Math.fround);
  const top = Math.max(...exact);
  const weights = exact.map((logit) => Math.exp(logit - top));
  const total = weights.reduce((a, b) => a + b, 0);
  const others = weights.map((weight, i) => (i === chosen ? 0 : weight / total));
  return { log: exact[chosen]! - top - Math.log(total), others, rest: others.reduce((a, b) => a + b, 0) };
}

/** d log p(chosen) / d logits: for the class itself it is the sum over the others. */
const slopes = (row: readonly number[], chosen: number): number[] => {
  const { others, rest } = softmax(row, chosen);
  return others.map((other, i) => (i === chosen ? rest : -other));
};

/** Equal up to float32's precision, relative to the number itself, however small it is. */
function close(ours: number, exact: number, what: string): void {
  if (Math.abs(exact) < 1e-37) expect(Math.abs(ours), what).toBeLessThan(1e-36);
  else expect(Math.abs(ours / exact - 1), `${what}: ${ours} for ${exact}`).toBeLessThan(3e-5);
}

const cases = fc
  .integer({ min: 2, max: 12 })
  .chain((count) =>
    fc.array(
      fc.tuple(
        fc.array(fc.double({ min: -15, max: 15, noNaN: true }), { minLength: count, maxLength: count }),
        fc.nat(count - 1),
      ),
      { minLength: 1, maxLength: 5 },
    ),
  );

const onRows = (check: (rows: number[][], classes: number[]) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(cases, (samples) =>
      check(
        samples.map(([row]) => row),
        samples.map(([, chosen]) => chosen),
      ),
    ),
    { seed: 2015, numRuns: 30 },
  );

describe('log p(class)', () => {
  it('and its derivative are what double precision says, for any logits', () =>
    onRows(async (rows, classes) => {
      const { values, cotangents } = await evaluate(logProbabilityObjective, rows, classes);
      rows.forEach((row, i) => {
        const { log } = softmax(row, classes[i]!);
        expect(Math.abs(values[i]! - log)).toBeLessThan(1e-5 * Math.max(1, Math.abs(log)));
        slopes(row, classes[i]!).forEach((slope, j) => {
          close(cotangents[i]![j]!, slope, `slope ${j}`);
        });
      });
    }));

  it('has a derivative that does not cancel where the network is certain', async () => {
    // In float32, 1 - p is 0 for logits 17 apart or more; the sum of the others is e^-40.
    const rows = [[40, 0, 0]];
    const { values, cotangents } = await evaluate(logProbabilityObjective, rows, [0]);
    close(cotangents[0]![0]!, 2 * Math.exp(-40), 'the class itself');
    close(cotangents[0]![1]!, -Math.exp(-40), 'another class');
    expect(values[0]).toBe(0);
  });

  it('has a value and a derivative where the class is all but excluded', async () => {
    const { values, cotangents } = await evaluate(logProbabilityObjective, [[0, 200, -5]], [0]);
    expect(values[0]).toBeCloseTo(-200, 4);
    expect(cotangents[0]![0]).toBeCloseTo(1, 6);
    expect(cotangents[0]![1]).toBeCloseTo(-1, 6);
    expect(cotangents[0]![2]! + 0).toBe(0);
  });

  it('stays finite with logits 200 apart, either way', async () => {
    const { values, cotangents } = await evaluate(
      logProbabilityObjective,
      [
        [200, 0],
        [0, 200],
      ],
      [0, 0],
    );
    expect(values[0]! + 0).toBe(0);
    expect(values[1]).toBeCloseTo(-200, 4);
    for (const slope of cotangents.flat()) expect(Number.isFinite(slope)).toBe(true);
  });

  it('has slopes that sum to nothing over the classes', () =>
    onRows(async (rows, classes) => {
      const { cotangents } = await evaluate(logProbabilityObjective, rows, classes);
      for (const row of cotangents) {
        const size = row.reduce((sum, slope) => sum + Math.abs(slope), 0);
        expect(Math.abs(row.reduce((sum, slope) => sum + slope, 0))).toBeLessThanOrEqual(1e-6 * size);
      }
    }));
});

describe('p(class)', () => {
  it('and its derivative, p times that of log p, are what double precision says', () =>
    onRows(async (rows, classes) => {
      const { values, cotangents } = await evaluate(probabilityObjective, rows, classes);
      rows.forEach((row, i) => {
        const p = Math.exp(softmax(row, classes[i]!).log);
        close(values[i]!, p, 'p');
        slopes(row, classes[i]!).forEach((slope, j) => {
          close(cotangents[i]![j]!, p * slope, `slope ${j}`);
        });
      });
    }));

  it('has a derivative that does not cancel where the network is certain', async () => {
    const { values, cotangents } = await evaluate(probabilityObjective, [[0, 40]], [1]);
    expect(values[0]).toBe(1);
    close(cotangents[0]![1]!, Math.exp(-40), 'the class itself');
  });
});

describe('the logit of a class', () => {
  it('is the logit, and its derivative is 1 at the class alone', async () => {
    const rows = [
      [1, -2, 3],
      [4, 5, -6],
    ];
    const { values, cotangents } = await evaluate(logitObjective, rows, [2, 0]);
    expect(values).toEqual([3, 4]);
    expect(cotangents).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });
});

describe('the logarithm of a sigmoid', () => {
  it('and its derivative are log 1 / (1 + exp(-z)) and 1 / (1 + exp(z)) in double precision, at the class alone', () =>
    onRows(async (rows, classes) => {
      const { values, cotangents } = await evaluate(logSigmoidObjective, rows, classes);
      rows.forEach((row, i) => {
        const z = row[classes[i]!]!;
        const log = z > 0 ? -Math.log1p(Math.exp(-z)) : z - Math.log1p(Math.exp(z));
        expect(Math.abs(values[i]! - log)).toBeLessThan(1e-5 * Math.max(1, Math.abs(log)));
        cotangents[i]!.forEach((slope, j) => {
          close(slope, j === classes[i] ? 1 / (1 + Math.exp(z)) : 0, `slope ${j}`);
        });
      });
    }));
});
