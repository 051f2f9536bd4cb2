import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder/builder.ts';
import { OnnxError, QuantizedModelError } from './errors.ts';
import type { Model } from './model/model.ts';
import type { Adam, Optimizer, Sgd } from './optimizer.ts';
import { tinyLenet } from './testing/lenet.ts';
import { type Array32, openModel, runModel } from './testing/run.ts';
import { sample, signs } from './testing/samples.ts';
import { trainingStep } from './training.ts';

const FEATURES = 4;
const CLASSES = 3;

/** Softmax regression: logits = x W' + b. */
function regression(softmax: boolean): Model {
  const b = new GraphBuilder('regression');
  b.input('x', 'float32', ['N', FEATURES]);
  b.initializer('weight', { type: 'float32', ...sample(1, [CLASSES, FEATURES]) });
  b.initializer('bias', { type: 'float32', ...sample(2, [CLASSES]) });
  const logits = b.op('Gemm', ['x', 'weight', 'bias'], { transB: 1 }, 'logits');
  b.output(softmax ? b.op('Softmax', [logits], { axis: 1 }, 'p') : logits);
  return b.build();
}

interface Batch {
  readonly images: Array32;
  readonly labels: readonly number[];
}

type Values = Record<string, { readonly data: Float64Array; readonly dims: readonly number[] }>;

/** Runs steps in turn, each on its own batch; returns the results of each. */
async function train(model: Model, optimizer: Optimizer, batches: readonly Batch[], learningRate: number) {
  const step = trainingStep(model, { optimizer });
  const session = await openModel(step.model);
  const slots = [...step.parameters, ...step.states];
  let current: Values = Object.fromEntries(
    slots.map(({ name, dims }) => {
      const start = model.graph.initializers.get(name)?.data as Float32Array | undefined;
      return [name, { dims, data: Float64Array.from(start ?? new Float32Array(dims.reduce((a, n) => a * n, 1))) }];
    }),
  );
  const history: { readonly values: Values; readonly loss: number; readonly correct: number }[] = [];
  try {
    for (const [index, { images, labels }] of batches.entries()) {
      const results = await session.run({
        [step.images]: images,
        [step.labels]: { data: BigInt64Array.from(labels, BigInt), dims: [labels.length] },
        [step.learningRate]: { data: Float32Array.of(learningRate), dims: [] },
        ...(step.step === undefined ? {} : { [step.step]: { data: Float32Array.of(index + 1), dims: [] } }),
        ...Object.fromEntries(
          Object.entries(current).map(([name, { data, dims }]) => [name, { data: Float32Array.from(data), dims }]),
        ),
      });
      current = Object.fromEntries(slots.map(({ name, next }) => [name, results[next]!]));
      history.push({ values: current, loss: results[step.loss]!.data[0]!, correct: results[step.correct]!.data[0]! });
    }
  } finally {
    await session.close();
  }
  return history;
}

/** The same in double precision, from the formulas: the gradient of the mean of -log softmax is (p - onehot) x / N. */
function regressionInDouble(optimizer: Optimizer, batches: readonly Batch[], learningRate: number) {
  const parameters = new Map(
    ['weight', 'bias'].map((name) => {
      const { data } = regression(false).graph.initializers.get(name)!;
      return [
        name,
        {
          value: Float64Array.from(data as Float32Array),
          first: new Float64Array(data.length),
          second: new Float64Array(data.length),
        },
      ];
    }),
  );
  return batches.map(({ images, labels }, index) => {
    const x = images.data as Float32Array;
    const [weight, bias] = [parameters.get('weight')!.value, parameters.get('bias')!.value];
    const gradients = new Map([
      ['weight', new Float64Array(weight.length)],
      ['bias', new Float64Array(bias.length)],
    ]);
    let loss = 0;
    let correct = 0;
    labels.forEach((label, n) => {
      const logits = Array.from(bias, (start, c) => {
        let sum = start;
        for (let f = 0; f < FEATURES; f++) sum += weight[c * FEATURES + f]! * x[n * FEATURES + f]!;
        return sum;
      });
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      loss -= (logits[label]! - Math.log(total)) / labels.length;
      if (logits.indexOf(Math.max(...logits)) === label) correct++;
      logits.forEach((logit, c) => {
        const slope = (Math.exp(logit) / total - (c === label ? 1 : 0)) / labels.length;
        gradients.get('bias')![c]! += slope;
        for (let f = 0; f < FEATURES; f++) gradients.get('weight')![c * FEATURES + f]! += slope * x[n * FEATURES + f]!;
      });
    });
    for (const [name, { value, first, second }] of parameters) {
      gradients.get(name)!.forEach((raw, i) => {
        const gradient = raw + optimizer.weightDecay * value[i]!;
        if (optimizer.kind === 'sgd') {
          first[i] = optimizer.momentum * first[i]! + gradient;
          value[i]! -= learningRate * first[i]!;
          return;
        }
        const { beta1, beta2, epsilon } = optimizer;
        first[i] = beta1 * first[i]! + (1 - beta1) * gradient;
        second[i] = beta2 * second[i]! + (1 - beta2) * gradient * gradient;
        const mean = first[i]! / (1 - beta1 ** (index + 1));
        const square = second[i]! / (1 - beta2 ** (index + 1));
        value[i]! -= (learningRate * mean) / (Math.sqrt(square) + epsilon);
      });
    }
    return { weight: [...weight], bias: [...bias], loss, correct };
  });
}

const batchOf = (seed: number, size: number): Batch => ({
  images: sample(seed, [size, FEATURES], -2, 2),
  labels: Array.from({ length: size }, (_, n) => (n * 7 + seed) % CLASSES),
});

describe('steps of softmax regression are those of the formulas', () => {
  const sgd: fc.Arbitrary<Sgd> = fc.record({
    kind: fc.constant('sgd' as const),
    momentum: fc.constantFrom(0, 0.5, 0.9),
    weightDecay: fc.constantFrom(0, 0.0005, 0.1),
  });
  const adam: fc.Arbitrary<Adam> = fc.record({
    kind: fc.constant('adam' as const),
    beta1: fc.constantFrom(0.9, 0.5),
    beta2: fc.constantFrom(0.999, 0.9),
    epsilon: fc.constantFrom(1e-8, 1e-3),
    weightDecay: fc.constantFrom(0, 0.01),
  });

  it.each([
    ['SGD, with and without momentum and weight decay', sgd],
    ['Adam', adam],
  ] as const)('%s, several steps, whose batches differ in size', (_, optimizers) =>
    fc.assert(
      fc.asyncProperty(
        optimizers as fc.Arbitrary<Optimizer>,
        fc.nat(1000),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (optimizer, seed, sizes, softmax) => {
          const batches = sizes.map((size, i) => batchOf(seed + i, size));
          const ours = await train(regression(softmax), optimizer, batches, 0.05);
          const exact = regressionInDouble(optimizer, batches, 0.05);
          exact.forEach(({ weight, bias, loss, correct }, i) => {
            expect(ours[i]!.loss).toBeCloseTo(loss, 5);
            expect(ours[i]!.correct).toBe(correct);
            for (const [name, values] of Object.entries({ weight, bias })) {
              values.forEach((value, j) => {
                // Adam divides by the root of a mean square, so rounding in float32 matters where gradients are tiny.
                expect(ours[i]!.values[name]!.data[j]).toBeCloseTo(value, optimizer.kind === 'sgd' ? 5 : 4);
              });
            }
          });
        },
      ),
      { seed: 2015, numRuns: 25 },
    ),
  );

  it('leaves parameters where they are at learning rate 0', async () => {
    const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 } as const;
    const [step] = await train(regression(false), optimizer, [batchOf(1, 4)], 0);
    const { initializers } = regression(false).graph;
    for (const name of ['weight', 'bias']) {
      expect([...step!.values[name]!.data]).toEqual([...(initializers.get(name)!.data as Float32Array)]);
    }
  });
});

describe('the training step of a convolutional network', () => {
  const size = 6;
  const images = sample(11, [size, 1, 8, 8], 0, 1);
  const labels = [0, 1, 2, 3, 4, 0];

  it('moves the parameters against the gradient of the loss, as differences show it', async () => {
    const network = tinyLenet();
    const plain = { kind: 'sgd', momentum: 0, weightDecay: 0 } as const;
    const step = trainingStep(network, { optimizer: plain });
    const session = await openModel(step.model);
    const at = (name: string): Float32Array => network.graph.initializers.get(name)!.data as Float32Array;
    const run = (changed: Readonly<Record<string, Float32Array>>) =>
      session.run({
        [step.images]: images,
        [step.labels]: { data: BigInt64Array.from(labels, BigInt), dims: [size] },
        [step.learningRate]: { data: Float32Array.of(1), dims: [] },
        ...Object.fromEntries(
          step.parameters.map(({ name, dims }) => [name, { data: changed[name] ?? at(name), dims }]),
        ),
      });
    try {
      const results = await run({});
      expect(step.parameters.map(({ name }) => name).sort()).toEqual([
        'conv.bias',
        'conv.weight',
        'hidden.bias',
        'hidden.weight',
        'out.bias',
        'out.weight',
      ]);
      for (const { name, next, dims } of step.parameters) {
        expect(results[next]!.dims).toEqual(dims);
        const gradient = [...at(name)].map((value, i) => value - results[next]!.data[i]!);
        const norm = Math.hypot(...gradient);
        expect(norm, `gradient of ${name}`).toBeGreaterThan(0);
        for (let k = 0; k < 4; k++) {
          const direction = signs(100 + k, gradient.length);
          const loss = async (h: number): Promise<number> =>
            (await run({ [name]: at(name).map((value, i) => value + h * direction[i]!) }))[step.loss]!.data[0]!;
          const h = 2 ** -10;
          const difference = ((await loss(h)) - (await loss(-h))) / (2 * h);
          const ours = gradient.reduce((sum, slope, i) => sum + slope * direction[i]!, 0);
          // The loss is a float32 near 1.6: 1e-7 of it over 2h is 1e-4. Some of the hundreds of windows and
          // rectifiers change sides within any step, a part of the norm that shrinks with h.
          expect(Math.abs(ours - difference), `${name}, direction ${k}`).toBeLessThan(0.02 * norm + 2e-4);
        }
      }
    } finally {
      await session.close();
    }
  });

  it('learns a batch by heart', async () => {
    const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
    const history = await train(tinyLenet(), adam, new Array(150).fill({ images, labels }), 0.02);
    expect(history[0]!.loss).toBeGreaterThan(1);
    expect(history.at(-1)!.loss).toBeLessThan(0.05);
    expect(history.at(-1)!.correct).toBe(size);
  });

  it('says loss and hits of the network before the step', async () => {
    const sgd = { kind: 'sgd', momentum: 0, weightDecay: 0 } as const;
    const [step] = await train(tinyLenet(), sgd, [{ images, labels }], 0.1);
    const { probabilities } = await runModel(tinyLenet(), { images });
    const rows = labels.map((label, n) => {
      const row = [...probabilities!.data.subarray(5 * n, 5 * n + 5)];
      return { loss: -Math.log(row[label]!), hit: row.indexOf(Math.max(...row)) === label };
    });
    expect(step!.loss).toBeCloseTo(rows.reduce((sum, { loss }) => sum + loss, 0) / size, 5);
    expect(step!.correct).toBe(rows.filter(({ hit }) => hit).length);
  });

  it('trains what it is asked to train and nothing else', () => {
    const step = trainingStep(tinyLenet(), {
      optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
      trainable: ['out.weight', 'out.bias'],
    });
    expect(step.parameters.map(({ name, dims }) => [name, dims])).toEqual([
      ['out.weight', [5, 6]],
      ['out.bias', [5]],
    ]);
    expect(step.states).toHaveLength(2);
    expect(step.model.graph.initializers.has('conv.weight')).toBe(true);
    expect(step.model.graph.nodes.filter(({ opType }) => opType === 'Conv')).toHaveLength(1);
  });
});

describe('what cannot be trained is told', () => {
  const optimizer = { kind: 'sgd', momentum: 0, weightDecay: 0 } as const;
  it('a constant that is not there', () => {
    expect(() => trainingStep(regression(false), { optimizer, trainable: ['weights'] })).toThrow(
      'The network has no constant weights to train',
    );
  });
  it('a quantized network', () => {
    const b = new GraphBuilder();
    const scale = b.scalar(0.5);
    const w = b.constant({ type: 'int8', dims: [2, 3], data: new Int8Array(6) });
    const zero = b.constant({ type: 'int8', dims: [], data: new Int8Array(1) });
    b.output(b.op('MatMul', [b.input('x', 'float32', ['N', 2]), b.op('DequantizeLinear', [w, scale, zero])]));
    expect(() => trainingStep(b.build(), { optimizer })).toThrow(QuantizedModelError);
    expect(() => trainingStep(b.build(), { optimizer })).toThrow(
      'The model is quantized, and integer weights cannot be trained: it has DequantizeLinear (node DequantizeLinear__3); give the float32 model that it was made of, exported before the quantization',
    );
  });
  it('a network of two inputs', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 2]);
    b.input('y', 'float32', ['N', 2]);
    b.output(b.op('Add', ['x', 'y']));
    expect(() => trainingStep(b.build(), { optimizer })).toThrow(OnnxError);
    expect(() => trainingStep(b.build(), { optimizer })).toThrow(
      'The network has 2 inputs; a network to train has one',
    );
  });
});

it('trains a network whose values have the names that a step uses', async () => {
  const b = new GraphBuilder('names');
  b.input('step', 'float32', ['N', 4]);
  b.initializer('labels', { type: 'float32', ...sample(1, [3, 4]) });
  const loss = b.op('Gemm', ['step', 'labels'], { transB: 1 }, 'loss');
  b.output(b.op('Identity', [loss], {}, 'correct'));
  const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
  const history = await train(b.build(), adam, new Array(60).fill(batchOf(1, 6)), 0.1);
  expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss / 2);
});
