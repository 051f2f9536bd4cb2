import { GraphBuilder, tensor, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { nodeRuntime } from '../runtime/node.ts';
import { parseCard } from './card.ts';
import { drawn, joinRows, logitMeanSigmoid, logMeanSoftmax, meanOf } from './draws.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const expectClose = (values: ArrayLike<number>, expected: readonly number[], digits = 6): void => {
  expect(values.length).toBe(expected.length);
  expected.forEach((own, i) => {
    expect(values[i]).toBeCloseTo(own, digits);
  });
};

describe('means over draws', () => {
  it('of softmaxes: the logarithm of the mean probability', () => {
    const rows = [
      [0.2, 0.8],
      [0.6, 0.4],
    ].map((row) => row.map(Math.log));
    expectClose(logMeanSoftmax(rows), [Math.log(0.4), Math.log(0.6)]);
    // Half of the draws leave e^-1000, which float64 has not.
    expectClose(
      logMeanSoftmax([
        [0, 1000],
        [0, 1001],
      ]),
      [-1000 + Math.log((1 + Math.exp(-1)) / 2), 0],
    );
  });

  it('of sigmoids: the logarithm of the odds of the mean', () => {
    const odds = (p: number): number => Math.log(p / (1 - p));
    expectClose(
      logitMeanSigmoid([
        [odds(0.1), odds(0.9)],
        [odds(0.5), odds(0.9)],
      ]),
      [odds(0.3), odds(0.9)],
    );
    expectClose(logitMeanSigmoid([[800], [800]]), [800]);
  });

  it('of rows, one after the other', async () => {
    expectClose(meanOf([Float32Array.of(1, 2), Float32Array.of(3, 6)]), [2, 4]);
    const join = (rows: readonly Float32Array[]): number[] => [Math.max(...rows.map(([first = 0]) => first)), 0];
    expect([...joinRows([Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 0, 8)], 2, join)]).toEqual([5, 0, 3, 0]);
    let calls = 0;
    const pauses: number[] = [];
    expect(
      await drawn(
        3,
        () => void pauses.push(calls),
        async () => ++calls,
      ),
    ).toEqual([1, 2, 3]);
    expect(pauses).toEqual([1, 2]);
  });
});

describe('a card that asks for draws of a random network', () => {
  const DRAWS = 400;

  /** One pixel for each of two classes; `add` makes logits of them and of a uniform number that is the same for a whole call. */
  const load = (add: (b: GraphBuilder, x: string, u: string) => string): Promise<OnnxClassifier> => {
    const b = new GraphBuilder('net');
    const x = b.op('Reshape', [b.input('x', 'float32', ['N', 1, 1, 2]), b.ints([-1, 2])]);
    b.output(b.op('Identity', [add(b, x, b.op('RandomUniform', [], { shape: [1, 1], seed: 3 }))], {}, 'z'));
    return OnnxClassifier.load(writeModel(b.build()), {
      card: parseCard({ draws: DRAWS }),
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'net.onnx',
    });
  };
  const images = { channels: 1, height: 1, width: 2, count: 2 } as const;

  it('is as certain as the draws say on average', async () => {
    const classifier = await load((b, x, u) => {
      // Class 1 where u is above 0.3, and class 0 elsewhere, whatever the image.
      const step = b.op('Mul', [b.op('Sub', [u, b.scalar(0.3)]), b.scalar(1e6)]);
      const hot = b.constant(tensor('float32', [1, 2], Float32Array.of(0, 1)));
      return b.op('Add', [b.op('Mul', [x, b.scalar(0)]), b.op('Mul', [step, hot])]);
    });
    expect(classifier.notices.join()).toMatch(/so figures are those of means over 400 draws/);
    const { data } = await classifier.predict({ ...images, data: new Uint8Array(4) });
    // Five standard deviations of a share of 400.
    const bound = 5 * Math.sqrt((0.3 * 0.7) / DRAWS);
    for (const row of [0, 1]) {
      expect(Math.abs(data[2 * row + 1]! - 0.7)).toBeLessThan(bound);
      expect(data[2 * row]! + data[2 * row + 1]!).toBeCloseTo(1, 5);
    }
    const { data: logits } = await classifier.logits({ ...images, data: new Uint8Array(4) });
    expect(Math.abs(Math.exp(logits[1]!) - 0.7)).toBeLessThan(bound);
    await classifier.dispose();
  });

  it('has the mean of the gradients', async () => {
    // The derivative of z by x is 2 u, whose mean is 1 and deviation 1 / sqrt(3).
    const classifier = await load((b, x, u) => b.op('Mul', [x, b.op('Mul', [u, b.scalar(2)])]));
    const weights = Float32Array.of(1, 0, 0, 1);
    const floats = { ...images, data: Float32Array.of(0.5, 0.5, 0.25, 1) };
    const { gradient, value } = await classifier.gradient(floats, { kind: 'linear', weights });
    const bound = 5 / Math.sqrt(3 * DRAWS);
    [1, 0, 0, 1].forEach((own, i) => {
      expect(Math.abs(gradient[i]! - own)).toBeLessThan(bound);
    });
    expect(Math.abs(value[1]! - 1)).toBeLessThan(bound);
    await classifier.dispose();
  });
});
