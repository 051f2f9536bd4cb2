import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder/builder.ts';
import { OnnxError } from './errors.ts';
import type { Model } from './model/model.ts';
import type { Slot } from './step-graph.ts';
import { openModel, type Results, runModel } from './testing/run.ts';
import { type Sample, sample } from './testing/samples.ts';
import { type TrainingOptions, trainingStep } from './training.ts';

/** Numbers in [-1, 1) that are easy to reproduce in any language. */
function ramp(dims: readonly number[], factor: number, modulus: number): Sample {
  const count = dims.reduce((product, length) => product * length, 1);
  return { dims, data: Float32Array.from({ length: count }, (_, i) => (((i * factor) % modulus) * 2) / modulus - 1) };
}

const numbers = (...values: readonly number[]): Sample => ({ dims: [values.length], data: Float32Array.from(values) });

/** Images `N x 1 x 5 x 5`: convolution, batch normalization, ReLU, one layer. */
function network(momentum: number): Model {
  const b = new GraphBuilder('normalized');
  b.input('x', 'float32', ['N', 1, 5, 5]);
  const constants: Record<string, Sample> = {
    conv: ramp([2, 1, 3, 3], 7, 23),
    scale: numbers(1, 1.5),
    shift: numbers(0.1, -0.2),
    mean: numbers(0.5, -0.5),
    variance: numbers(2, 0.5),
    'out.weight': ramp([3, 18], 11, 31),
    'out.bias': numbers(0, 0.1, -0.1),
  };
  for (const [name, value] of Object.entries(constants)) b.initializer(name, { type: 'float32', ...value });
  const normal = b.op('BatchNormalization', [b.op('Conv', ['x', 'conv']), 'scale', 'shift', 'mean', 'variance'], {
    epsilon: 1e-3,
    momentum,
  });
  const flat = b.op('Flatten', [b.op('Relu', [normal])]);
  b.output(b.op('Gemm', [flat, 'out.weight', 'out.bias'], { transB: 1 }, 'logits'));
  return b.build();
}

const SGD = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const;
const labels = [0, 1, 2, 1];
const batches = [ramp([4, 1, 5, 5], 13, 37), ramp([4, 1, 5, 5], 17, 37)];

/** Trains on the batches in turn; returns all slots by name, and the losses. */
async function train(model: Model, options: TrainingOptions): Promise<{ values: Results; losses: number[] }> {
  const step = trainingStep(model, options);
  const slots: readonly Slot[] = [...step.parameters, ...step.states, ...step.statistics];
  let values: Results = Object.fromEntries(
    slots.map(({ name, dims }) => {
      const start = model.graph.initializers.get(name)?.data as Float32Array | undefined;
      return [name, { dims, data: Float64Array.from(start ?? new Float32Array(dims.reduce((a, n) => a * n, 1))) }];
    }),
  );
  const losses: number[] = [];
  const session = await openModel(step.model);
  try {
    for (const images of batches) {
      const results = await session.run({
        [step.images]: images,
        [step.labels]: { data: BigInt64Array.from(labels, BigInt), dims: [labels.length] },
        [step.learningRate]: { data: Float32Array.of(0.1), dims: [] },
        ...Object.fromEntries(
          Object.entries(values).map(([name, { data, dims }]) => [name, { data: Float32Array.from(data), dims }]),
        ),
      });
      values = Object.fromEntries(slots.map(({ name, next }) => [name, results[next]!]));
      losses.push(results[step.loss]!.data[0]!);
    }
  } finally {
    await session.close();
  }
  return { values, losses };
}

describe('a training step of a network with batch normalization', () => {
  it('is as in PyTorch, in double precision', async () => {
    // The same network in train() mode, of float64: Conv2d(1, 2, 3, bias=False), BatchNorm2d(2, eps=1e-3, momentum=0.25),
    // ReLU, Flatten, Linear(18, 3), with the numbers above; two steps of SGD(lr=0.1, momentum=0.9) on cross_entropy.
    const { values, losses } = await train(network(0.75), { optimizer: SGD });
    const expected: Record<string, readonly number[]> = {
      conv: [
        -0.978034, -0.346406, 0.1302721, 0.8793611, -0.516642, 0.0435291, 0.6478746, -0.8029447, -0.1000798, 0.5101083,
        -0.8659562, -0.251747, 0.2315427, 0.9819742, -0.5388422, 0.1720266, 0.746021, -0.5959824,
      ],
      scale: [0.9709401, 1.4573848],
      shift: [0.03334, -0.2382211],
      mean: [0.2922431, -0.3105982],
      variance: [1.7713115, 1.0602093],
      'out.bias': [-0.0179095, 0.172434, -0.1545245],
    };
    expect(losses[0]).toBeCloseTo(0.7772507, 5);
    expect(losses[1]).toBeCloseTo(1.1928568, 5);
    for (const [name, numbers] of Object.entries(expected)) {
      expect(values[name]!.data).toHaveLength(numbers.length);
      numbers.forEach((value, i) => {
        expect(values[name]!.data[i], `${name}[${i}]`).toBeCloseTo(value, 5);
      });
    }
  });

  it('keeps of the running statistics what the momentum says, and takes the rest from the batch', async () => {
    const [images] = batches;
    const { nodes } = network(0.75).graph;
    const convolved = nodes.find(({ opType }) => opType === 'Conv')!.outputs[0]!;
    const graph = network(0.75).graph;
    const inner = await runModel(
      { ...network(0.75), graph: { ...graph, outputs: [{ name: convolved, type: 'float32', shape: undefined }] } },
      { x: images! },
    );
    const values = [...inner[convolved]!.data];
    const step = trainingStep(network(0.75), { optimizer: SGD });
    expect(step.statistics.map(({ name, dims }) => [name, dims])).toEqual([
      ['mean', [2]],
      ['variance', [2]],
    ]);
    const feeds = Object.fromEntries(
      [...step.parameters, ...step.statistics].map(({ name, dims }) => [
        name,
        { dims, data: graph.initializers.get(name)!.data as Float32Array },
      ]),
    );
    const memory = Object.fromEntries(
      step.states.map(({ name, dims }) => [name, { dims, data: new Float32Array(dims.reduce((a, n) => a * n, 1)) }]),
    );
    const results = await runModel(step.model, {
      ...feeds,
      ...memory,
      [step.images]: images!,
      [step.labels]: { data: BigInt64Array.from(labels, BigInt), dims: [4] },
      [step.learningRate]: { data: Float32Array.of(0.1), dims: [] },
    });
    for (const channel of [0, 1]) {
      const own = values.filter((_, i) => Math.floor(i / 9) % 2 === channel);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const unbiased = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (own.length - 1);
      const [oldMean, oldVariance] = [
        [0.5, 2],
        [-0.5, 0.5],
      ][channel] as [number, number];
      expect(results['mean.next']!.data[channel]).toBeCloseTo(0.75 * oldMean + 0.25 * mean, 5);
      expect(results['variance.next']!.data[channel]).toBeCloseTo(0.75 * oldVariance + 0.25 * unbiased, 5);
    }
  });

  it('at inference uses the running statistics and leaves them alone', async () => {
    const model = network(0.75);
    const step = trainingStep(model, { optimizer: SGD, batchNormalization: 'inference' });
    expect(step.statistics).toEqual([]);
    expect(step.parameters.map(({ name }) => name).sort()).toEqual([
      'conv',
      'out.bias',
      'out.weight',
      'scale',
      'shift',
    ]);
    const { losses } = await train(model, { optimizer: SGD, batchNormalization: 'inference' });
    const { logits } = await runModel(model, { x: batches[0]! });
    const loss = labels.map((label, n) => {
      const row = [...logits!.data.subarray(3 * n, 3 * n + 3)];
      return Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]!;
    });
    expect(losses[0]).toBeCloseTo(loss.reduce((sum, value) => sum + value, 0) / labels.length, 5);
  });

  it('whose running statistics are asked to be trained is refused', () => {
    const ask = (): unknown => trainingStep(network(0.9), { optimizer: SGD, trainable: ['conv', 'mean'] });
    expect(ask).toThrow(OnnxError);
    expect(ask).toThrow('mean follows the batches; it cannot be trained besides');
  });

  it.each([
    ['computed', (b: GraphBuilder) => b.op('BatchNormalization', ['x', 'a', 'b', b.op('Neg', ['a']), 'b'])],
    [
      'shared by two layers',
      (b: GraphBuilder) => {
        const once = b.op('BatchNormalization', ['x', 'a', 'b', 'mean', 'variance']);
        return b.op('BatchNormalization', [once, 'a', 'b', 'mean', 'variance']);
      },
    ],
  ])('whose running statistics are %s is refused, with the way out', (_, build) => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 2]);
    for (const name of ['a', 'b', 'mean', 'variance'])
      b.initializer(name, { type: 'float32', ...sample(1, [2], 1, 2) });
    b.output(build(b));
    const ask = (): unknown => trainingStep(b.build(), { optimizer: SGD });
    expect(ask).toThrow(OnnxError);
    expect(ask).toThrow(/BatchNormalization \(node .*\) has running statistics .*batchNormalization 'inference'/);
  });
});
