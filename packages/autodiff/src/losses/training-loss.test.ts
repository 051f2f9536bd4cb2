/** @file Golden numbers are PyTorch's, in double precision. */

import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import { openModel, runModel } from '../testing/run.ts';
import { trainingStep } from '../training.ts';
import {
  divergence,
  type JointObjective,
  maxLogProbability,
  smoothedCrossEntropy,
  type TrainingLoss,
  uniformCrossEntropy,
} from './training-loss.ts';

const Z = [2, -1, 0.5, 0.25, 3, -2];
const W = [1, 0, 0.75, -1.5, 2, 1];
const LABELS = [0, 2];

type Build = (b: GraphBuilder) => JointObjective;

/** Values, and derivatives with respect to z and w, of two rows of three classes. */
async function evaluate(build: Build, z = Z, w = W) {
  const b = new GraphBuilder();
  for (const name of ['z', 'w']) b.input(name, 'float32', ['N', 3]);
  b.input('labels', 'int64', ['N']);
  const { value, cotangents } = build(b);
  b.output(b.op('Identity', [value], {}, 'value'));
  for (const [index, name] of cotangents.entries()) b.output(b.op('Identity', [name], {}, `by${index}`));
  const dims = [z.length / 3, 3];
  const results = await runModel(b.build(), {
    z: { dims, data: Float32Array.from(z) },
    w: { dims, data: Float32Array.from(w) },
    labels: { dims: [2], data: BigInt64Array.from(LABELS, BigInt) },
  });
  return { values: [...results.value!.data], slopes: cotangents.map((_, index) => [...results[`by${index}`]!.data]) };
}

const alone = ({ value, cotangent }: { readonly value: string; readonly cotangent: string }): JointObjective => ({
  value,
  cotangents: [cotangent],
});

const smoothed: Build = (b) => alone(smoothedCrossEntropy(b, 'z', 'labels', 0.1));
const uniform: Build = (b) => alone(uniformCrossEntropy(b, 'z'));
const greatest: Build = (b) => alone(maxLogProbability(b, 'z'));
const apart: Build = (b) => divergence(b, 'z', 'w');

describe('objectives of a training loss', () => {
  it.each<[string, Build, readonly number[], readonly (readonly number[])[]]>([
    [
      'cross-entropy with smoothed labels',
      smoothed,
      [0.391311296657157, 4.826614038949099],
      [[-0.147736298744, 0.005779239937, 0.141957058807, 0.026375177685, 0.900664924887, -0.927040102572]],
    ],
    [
      'cross-entropy against the uniform distribution',
      uniform,
      [1.7413112966571571, 2.6516140389491],
      [[0.452263701256, -0.294220760063, -0.158042941193, -0.273624822315, 0.600664924887, -0.327040102572]],
    ],
    [
      'the logarithm of the largest probability',
      greatest,
      [-0.24131129665715703, -0.06828070561576617],
      [[0.214402965411, -0.039112573271, -0.17529039214, -0.059708511019, 0.06600174178, -0.006293230761]],
    ],
    [
      'the divergence of two softmaxes',
      apart,
      [0.22527313369570917, 0.2864253501200006],
      [
        [0.233587958475, -0.066595486883, -0.166992471592, 0.043610591301, -0.018314267691, -0.02529632361],
        [-0.319761467323, 0.132258754893, 0.18750271243, -0.038109280641, -0.218729982251, 0.256839262891],
      ],
    ],
  ])('%s: value and derivatives are PyTorch’s', async (_, build, values, slopes) => {
    const ours = await evaluate(build);
    for (const [i, value] of values.entries()) expect(ours.values[i]).toBeCloseTo(value, 6);
    for (const [index, expected] of slopes.entries()) {
      for (const [i, slope] of expected.entries()) expect(ours.slopes[index]![i]).toBeCloseTo(slope, 6);
    }
  });

  it('are least, with derivative 0, where they should be', async () => {
    const even = new Array<number>(6).fill(0.5);
    for (const [build, least] of [
      [uniform, Math.log(3)],
      [greatest, -Math.log(3)],
    ] as const) {
      const { values } = await evaluate(build, even);
      for (const value of values) expect(value).toBeCloseTo(least, 6);
    }
    expect((await evaluate(uniform, even)).slopes[0]!.every((slope) => Math.abs(slope) < 1e-7)).toBe(true);
    // A shift of all logits of a row changes no probability.
    const { values, slopes } = await evaluate(
      apart,
      Z,
      Z.map((logit, i) => logit + (i < 3 ? 4 : -1)),
    );
    for (const number of [...values, ...slopes.flat()]) expect(Math.abs(number)).toBeLessThan(1e-6);
  });

  it('are finite where a network is certain', async () => {
    const certain = [200, 0, -50, -200, 90, 0];
    for (const build of [smoothed, uniform, greatest, apart]) {
      const { values, slopes } = await evaluate(build, certain, certain.toReversed());
      expect([...values, ...slopes.flat()].every(Number.isFinite)).toBe(true);
    }
  });
});

describe('a training step with a loss of several terms', () => {
  const loss: TrainingLoss = {
    groups: ['clean', 'moved', 'outliers'],
    terms: [
      {
        weight: 1,
        groups: ['clean'],
        objective: (b, [logits = ''], labels) => alone(smoothedCrossEntropy(b, logits, labels, 0)),
      },
      { weight: 6, groups: ['clean', 'moved'], objective: (b, [p = '', q = '']) => divergence(b, p, q) },
      { weight: 0.5, groups: ['outliers'], objective: (b, [logits = '']) => alone(uniformCrossEntropy(b, logits)) },
    ],
  };

  function regression() {
    const b = new GraphBuilder('regression');
    b.input('x', 'float32', ['N', 2]);
    b.initializer('weight', { type: 'float32', dims: [3, 2], data: Float32Array.of(0.5, -0.25, 1, 0.75, -0.5, 0.125) });
    b.output(b.op('Gemm', ['x', 'weight'], { transB: 1 }, 'logits'));
    return b.build();
  }

  it('has the loss of PyTorch and moves against its gradient', async () => {
    const model = regression();
    const step = trainingStep(model, { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 }, loss });
    const session = await openModel(step.model);
    const weight = model.graph.initializers.get('weight')!;
    const results = await session.run({
      [step.images]: { dims: [5, 2], data: Float32Array.of(1, 2, -1, 0.5, 0.5, 0.5, 2, -1, 0, 1) },
      [step.labels]: { dims: [2], data: BigInt64Array.of(1n, 2n) },
      [step.rows!]: { dims: [3], data: BigInt64Array.of(2n, 2n, 1n) },
      [step.learningRate]: { dims: [], data: Float32Array.of(1) },
      weight: { dims: weight.dims, data: weight.data as Float32Array },
    });
    await session.close();
    expect(results[step.loss]!.data[0]).toBeCloseTo(5.487689300642688, 5);
    // Of (1, 2) and (-1, .5) the logits are (0, 2.5, -.25) and (-.625, -.625, .5625): both are right.
    expect(results[step.correct]!.data[0]).toBe(2);
    const gradient = [
      2.8821313350419935, -1.8202769877203546, 2.9199452907320023, -0.8124815025394301, -5.802076625773996,
      2.6327584902597847,
    ];
    const next = results[step.parameters[0]!.next]!.data;
    for (const [i, slope] of gradient.entries()) {
      expect((weight.data as Float32Array)[i]! - next[i]!).toBeCloseTo(slope, 4);
    }
  });

  it('is refused where a term is about rows that the batch does not have', () => {
    const lacking = { ...loss, groups: ['clean', 'moved'] };
    const ask = () =>
      trainingStep(regression(), { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 }, loss: lacking });
    expect(ask).toThrow(OnnxError);
    expect(ask).toThrow('The loss has a term on outliers; there are clean, moved');
  });
});
