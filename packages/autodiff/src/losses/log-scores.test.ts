import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { runModel } from '../testing/run.ts';
import { logScores } from './log-scores.ts';

const K = 3;
/** Rows that leave no more than 0 and 1 of a softmax or a sigmoid in float32, and ordinary ones. */
const ROWS = [
  [0.5, -1, 2],
  [200, 0, -150],
  [-130, -120, 40],
];

type Row = readonly number[];
const logSoftmax = (z: Row): number[] => {
  const top = Math.max(...z);
  const log = top + Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0));
  return z.map((value) => value - log);
};
const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const logSumExp = (...values: number[]): number => {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
};

/** The logarithm of scores that are made of the logits `z`, `N x 3`. */
async function logOf(make: (b: GraphBuilder) => string): Promise<number[][] | undefined> {
  const network = new GraphBuilder('network');
  network.input('z', 'float32', ['N', K]);
  network.output(network.op('Identity', [make(network)], {}, 'scores'));
  const model = network.build();
  const emit = logScores(model, 'scores');
  if (emit === undefined) return undefined;
  const b = GraphBuilder.from(model);
  b.output(b.op('Identity', [emit(b)], {}, 'log'));
  const z = { dims: [ROWS.length, K], data: Float32Array.from(ROWS.flat()) };
  const { data } = (await runModel(b.build(), { z })).log!;
  const width = data.length / ROWS.length;
  return ROWS.map((_, row) => Array.from(data.subarray(row * width, (row + 1) * width), Number));
}

const negative = (b: GraphBuilder): string => b.op('Neg', ['z']);
const p = (b: GraphBuilder, z = 'z'): string => b.op('Softmax', [z], { axis: 1 });

/** What is taken the logarithm of, and that logarithm in float64, but for a number added to a row where `up to` is set. */
const cases: Readonly<Record<string, [(b: GraphBuilder) => string, (z: Row) => number[], 'up to a number'?]>> = {
  'a softmax': [p, logSoftmax],
  'the mean of two softmaxes': [
    (b) => b.op('Mean', [p(b), p(b, negative(b))]),
    (z) => {
      const [one, other] = [logSoftmax(z), logSoftmax(z.map((value) => -value))];
      return one.map((log, k) => logSumExp(log, other[k]!));
    },
    'up to a number',
  ],
  'a weighted sum of two softmaxes': [
    (b) => b.op('Add', [b.op('Mul', [p(b), b.scalar(0.25)]), b.op('Mul', [b.scalar(0.75), p(b, negative(b))])]),
    (z) => {
      const [one, other] = [logSoftmax(z), logSoftmax(z.map((value) => -value))];
      return one.map((log, k) => logSumExp(log + Math.log(0.25), other[k]! + Math.log(0.75)));
    },
  ],
  'a mean over stacked softmaxes': [
    (b) => {
      const members = [p(b), p(b, negative(b))].map((member) => b.op('Unsqueeze', [member, b.ints([1])]));
      return b.op('ReduceMean', [b.op('Concat', members, { axis: 1 }), b.ints([1])], { keepdims: 0 });
    },
    (z) => {
      const [one, other] = [logSoftmax(z), logSoftmax(z.map((value) => -value))];
      return one.map((log, k) => logSumExp(log, other[k]!));
    },
    'up to a number',
  ],
  'a product of two softmaxes, normalized': [
    (b) => {
      const product = b.op('Mul', [p(b), p(b, b.op('Mul', ['z', b.scalar(0.5)]))]);
      return b.op('Div', [product, b.op('ReduceSum', [product, b.ints([1])], { keepdims: 1 })]);
    },
    (z) => z.map((value) => 1.5 * value),
    'up to a number',
  ],
  'weights of the classes': [
    (b) => b.op('Mul', [p(b), b.constant({ type: 'float32', dims: [K], data: Float32Array.of(1, 2, 4) })]),
    (z) => logSoftmax(z).map((log, k) => log + k * Math.log(2)),
  ],
  'a power': [(b) => b.op('Pow', [p(b), b.scalar(2)]), (z) => logSoftmax(z).map((log) => 2 * log)],
  sigmoids: [(b) => b.op('Sigmoid', ['z']), (z) => z.map((value) => -softplus(-value))],
  'a sigmoid joined with what is left of 1': [
    (b) => {
      const one = b.op('Sigmoid', [b.op('Slice', ['z', b.ints([0]), b.ints([1]), b.ints([1])])]);
      return b.op('Concat', [b.op('Sub', [b.scalar(1), one]), one], { axis: 1 });
    },
    ([z = 0]) => [-softplus(z), -softplus(-z)],
  ],
  'some classes of a softmax': [
    (b) => b.op('Gather', [p(b), b.ints([2, 0])], { axis: 1 }),
    (z) => [logSoftmax(z)[2]!, logSoftmax(z)[0]!],
  ],
};

describe('the logarithm of', () => {
  it.each(Object.entries(cases))(
    '%s is exact where the scores are 0 and 1 in float32',
    async (_, [make, exact, upTo]) => {
      const ours = await logOf(make);
      ROWS.forEach((row, n) => {
        const expected = exact(row.map(Math.fround));
        const shift = upTo === undefined ? 0 : ours![n]![0]! - expected[0]!;
        expected.forEach((log, k) => {
          expect(Math.abs(ours![n]![k]! - shift - log)).toBeLessThan(1e-5 * (1 + Math.abs(log) + Math.abs(shift)));
        });
      });
    },
  );

  it.each<[string, (b: GraphBuilder) => string]>([
    ['what may be negative', (b) => b.op('Mul', [p(b), b.scalar(-1)])],
    ['a product with a value of unknown sign', (b) => b.op('Mul', [p(b), 'z'])],
    ['a sum with such a value', (b) => b.op('Add', [p(b), 'z'])],
    ['1 - softmax', (b) => b.op('Sub', [b.scalar(1), p(b)])],
    ['a mean over the classes', (b) => b.op('ReduceMean', [p(b), b.ints([1])])],
  ])('%s is not there', async (_, make) => {
    expect(await logOf(make)).toBeUndefined();
  });
});
