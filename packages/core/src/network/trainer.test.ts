import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluate } from './evaluation.ts';
import { lenet } from './lenet.ts';
import { mlp } from './mlp.ts';
import { train } from './trainer.ts';
import type { EpochProgress, StepProgress, TrainingOptions } from './training.ts';

const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 1 } as const;

/** Images of 2x2 whose brightest pixel is their class, 0 .. 3. */
function brightest(count: number, seed: number): Dataset {
  const random = Random.stream(seed);
  const data = Uint8Array.from({ length: 4 * count }, () => random.integer(120));
  const labels = Int32Array.from({ length: count }, () => random.integer(4));
  labels.forEach((answer, i) => {
    data[4 * i + answer] = 150 + random.integer(106);
  });
  return {
    name: 'brightest',
    classNames: ['a', 'b', 'c', 'd'],
    images: { channels: 1, height: 2, width: 2, count, data },
    labels,
  };
}

const shape = { channels: 1, height: 2, width: 2 } as const;
const easy = brightest(400, 1);
const options: TrainingOptions = {
  model: mlp(shape, [8], 4, 1),
  dataset: easy,
  runtime,
  session,
  epochs: 10,
  batch: 20,
  seed: 1,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  learningRate: { kind: 'cosine', base: 0.1 },
};

function values(model: Model, name: string): number[] {
  return Array.from(model.graph.initializers.get(name)!.data, Number);
}

async function bytes(changes: Partial<TrainingOptions> = {}): Promise<Uint8Array> {
  return writeModel((await train({ ...options, ...changes })).model);
}

describe('training', () => {
  test.each([
    ['momentum', options],
    [
      'Adam',
      {
        ...options,
        optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
        learningRate: { kind: 'steps', base: 0.02, factor: 0.5, pieces: 5 },
      } satisfies TrainingOptions,
    ],
  ])('with %s solves a separable problem', async (_, chosen) => {
    const { model } = await train(chosen);
    const { correct, count } = await evaluate(model, brightest(1000, 2), runtime, session);
    expect(correct / count).toBeGreaterThan(0.99);
  });

  test('on black images learns how common the classes are, and ends at their entropy', async () => {
    const labels = Int32Array.of(0, 0, 0, 0, 1, 1, 2, 3);
    const black: Dataset = {
      ...easy,
      images: { ...shape, count: 8, data: new Uint8Array(32) },
      labels,
    };
    const losses: number[] = [];
    const { model } = await train({
      ...options,
      model: mlp(shape, [], 4, 1),
      dataset: black,
      batch: 8,
      epochs: 200,
      learningRate: { kind: 'cosine', base: 0.5 },
      onStep: ({ loss }) => losses.push(loss),
    });
    expect(losses[0]).toBeCloseTo(Math.log(4), 5);
    // 1/2 log 2 + 1/4 log 4 + 2 (1/8 log 8) = 1.75 log 2.
    expect(losses.at(-1)).toBeCloseTo(1.75 * Math.LN2, 4);
    const [a, b, c, d] = values(model, 'logits.bias');
    expect(a! - b!).toBeCloseTo(Math.LN2, 2);
    expect(b! - c!).toBeCloseTo(Math.LN2, 2);
    expect(c! - d!).toBeCloseTo(0, 5);
  });

  test('moves the bias in one step by the learning rate times what is missing', async () => {
    const one: Dataset = {
      ...easy,
      images: { ...shape, count: 1, data: new Uint8Array(4) },
      labels: Int32Array.of(2),
    };
    const { model } = await train({ ...options, model: mlp(shape, [], 4, 1), dataset: one, batch: 1, epochs: 1 });
    [-0.025, -0.025, 0.075, -0.025].forEach((expected, i) => {
      expect(values(model, 'logits.bias')[i]).toBeCloseTo(expected, 6);
    });
  });

  test('leaves the model that it is given as it is', async () => {
    const before = writeModel(options.model);
    await train({ ...options, epochs: 1 });
    expect(Buffer.compare(writeModel(options.model), before)).toBe(0);
  });
});

describe('the seed of a training', () => {
  const distortion = { shift: 1, rotation: 0.1, scale: 0.1, elastic: 0.2 };

  test('decides every byte of the network', async () => {
    const first = await bytes({ distortion });
    expect(Buffer.compare(await bytes({ distortion }), first)).toBe(0);
    expect(Buffer.compare(await bytes({ distortion, seed: 2 }), first)).not.toBe(0);
  });

  test('decides them also when the training is interrupted and resumed, wherever that was', async () => {
    const whole = await bytes({ distortion, batch: 30 });
    for (const stop of [0, 1, 14, 17, 139]) {
      const signal = { aborted: stop === 0 };
      const interrupted = await train({
        ...options,
        distortion,
        batch: 30,
        signal,
        onStep: ({ step }) => {
          signal.aborted = step === stop;
        },
      });
      expect(interrupted.complete).toBe(false);
      expect(interrupted.state.step).toBe(stop);
      const resumed = await bytes({ distortion, batch: 30, resume: interrupted.state });
      expect(Buffer.compare(resumed, whole)).toBe(0);
    }
  });
});

describe('the running statistics of batch normalization', () => {
  /** Softmax regression on pixels that are normalised; the network's own statistics are far from those of the images. */
  function normalised(): Model {
    const b = new GraphBuilder('normalised');
    const flat = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 2, 2])]);
    const start = { scale: [1, 1, 1, 1], shift: [0, 0, 0, 0], mean: [5, 6, 7, 8], variance: [9, 8, 7, 6] };
    const names = Object.entries(start).map(([name, values]) =>
      b.initializer(name, { type: 'float32', dims: [4], data: Float32Array.from(values) }),
    );
    const normal = b.op('BatchNormalization', [flat, ...names], { momentum: 0.75 });
    const random = Random.stream(1);
    const data = Float32Array.from({ length: 16 }, () => random.normal());
    const weight = b.initializer('weight', { type: 'float32', dims: [4, 4], data });
    b.output(b.op('MatMul', [normal, weight], {}, 'logits'));
    return b.build();
  }

  test('are kept to three quarters in a step and for the rest come from its batch', async () => {
    const { model, state } = await train({ ...options, model: normalised(), batch: 400, epochs: 1 });
    expect(Object.keys(state.statistics).sort()).toEqual(['mean', 'variance']);
    for (let pixel = 0; pixel < 4; pixel++) {
      const pixels = Array.from({ length: 400 }, (_, i) => easy.images.data[4 * i + pixel]! / 255);
      const mean = pixels.reduce((sum, value) => sum + value) / 400;
      const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 399;
      expect(values(model, 'mean')[pixel]).toBeCloseTo(0.75 * [5, 6, 7, 8][pixel]! + 0.25 * mean, 5);
      expect(values(model, 'variance')[pixel]).toBeCloseTo(0.75 * [9, 8, 7, 6][pixel]! + 0.25 * variance, 5);
    }
  });

  test('make the written network as good as it was in training, also when the training was interrupted', async () => {
    const chosen: TrainingOptions = { ...options, model: normalised(), learningRate: { kind: 'cosine', base: 0.3 } };
    const { model } = await train(chosen);
    const { correct, count } = await evaluate(model, brightest(1000, 2), runtime, session);
    expect(correct / count).toBeGreaterThan(0.99);
    const signal = { aborted: false };
    const interrupted = await train({
      ...chosen,
      signal,
      onStep: ({ step }) => {
        signal.aborted = step === 77;
      },
    });
    const resumed = await train({ ...chosen, resume: interrupted.state });
    expect(Buffer.compare(writeModel(resumed.model), writeModel(model))).toBe(0);
  });

  test('are what adversarial examples are made with', async () => {
    const { model } = await train({
      ...options,
      model: normalised(),
      learningRate: { kind: 'cosine', base: 0.3 },
      adversarial: { kind: 'pgd', epsilon: 0.02, steps: 3, stepSize: 0.02 },
    });
    const { correct, count } = await evaluate(model, brightest(1000, 2), runtime, session);
    expect(correct / count).toBeGreaterThan(0.98);
  });
});

describe('the progress of a training', () => {
  test('counts steps, and tells rate and time left by the clock that it is given', async () => {
    let time = 0;
    const seen: StepProgress[] = [];
    await train({
      ...options,
      batch: 150,
      epochs: 2,
      // Looked at before and after each step: each takes 250 ms.
      now: () => {
        time += 250;
        return time;
      },
      onStep: (progress) => seen.push(progress),
    });
    expect(seen.map(({ epoch, step, steps }) => [epoch, step, steps])).toEqual([
      [1, 1, 6],
      [1, 2, 6],
      [1, 3, 6],
      [2, 4, 6],
      [2, 5, 6],
      [2, 6, 6],
    ]);
    // 150 + 150 + 100 images in 750 ms.
    expect(seen[2]!.imagesPerSecond).toBeCloseTo(400 / 0.75, 9);
    expect(seen[2]!.secondsLeft).toBeCloseTo(0.75, 9);
    expect(seen[5]!.secondsLeft).toBe(0);
  });

  test('shows after each epoch how the network does on data that it has not seen', async () => {
    const epochs: EpochProgress[] = [];
    const validation = brightest(200, 3);
    const { model, state } = await train({
      ...options,
      validation,
      onEpoch: async (progress) => {
        epochs.push(progress);
      },
    });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(epochs.at(-1)!.validation).toEqual(await evaluate(model, validation, runtime, session));
    expect(epochs.at(-1)!.state).toEqual(state);
    expect(epochs.at(-1)!.trainAccuracy).toBeGreaterThan(0.97);
    expect(epochs.at(-1)!.meanLoss).toBeLessThan(epochs[0]!.meanLoss);
  });
});

describe('a training that cannot go well ends with one sentence', () => {
  test.each<[string, Partial<TrainingOptions>, string]>([
    ['epochs of none', { epochs: 0 }, 'epochs is 0; give a whole number of at least 1'],
    ['half a batch', { batch: 0.5 }, 'batch is 0.5; give a whole number of at least 1'],
    [
      'images of another size',
      { dataset: drawDigits(10, 1) },
      'Input image takes float32 1x2x2, but digits has images of 1x28x28',
    ],
    ['too few outputs', { model: mlp(shape, [], 3, 1) }, 'Output logits is Nx3, but brightest has 4 classes'],
    ['an unfit validation set', { validation: drawDigits(10, 1) }, 'but digits has images of 1x28x28'],
    [
      'a learning rate out of all measure',
      { learningRate: { kind: 'cosine', base: 1e30 } },
      'choose a smaller learning rate',
    ],
    [
      'no example',
      { dataset: { ...easy, images: { ...shape, count: 0, data: new Uint8Array() }, labels: new Int32Array() } },
      'brightest holds no example',
    ],
    [
      'the state of another network',
      { resume: { step: 1, parameters: {}, memory: {}, statistics: {} } },
      'another network',
    ],
  ])('%s', async (_, changes, message) => {
    const failure = train({ ...options, ...changes });
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });
});

test('the evaluation counts every answer of every class', async () => {
  // A network that answers with the index of the brightest pixel: the identity.
  const model = mlp(shape, [], 4, 1);
  const identity = new Map(model.graph.initializers);
  const data = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  identity.set('logits.weight', { type: 'float32', dims: [4, 4], data });
  const reader = { ...model, graph: { ...model.graph, initializers: identity } };
  const honest = brightest(1234, 4);
  expect((await evaluate(reader, honest, runtime, session)).correct).toBe(1234);
  const shifted = { ...honest, labels: honest.labels.map((answer) => (answer + 1) % 4) };
  const { correct, count, confusion } = await evaluate(reader, shifted, runtime, session);
  expect([correct, count]).toEqual([0, 1234]);
  confusion.forEach((row, actual) => {
    const examples = shifted.labels.filter((answer) => answer === actual).length;
    expect(row.map((value, taken) => (taken === (actual + 3) % 4 ? value - examples : value))).toEqual([0, 0, 0, 0]);
  });
});

test('LeNet reads most digits after a few steps', async () => {
  const { model } = await train({
    ...options,
    model: lenet({ channels: 1, height: 28, width: 28 }, 10, 1),
    dataset: drawDigits(1500, 1),
    batch: 50,
    epochs: 2,
    learningRate: { kind: 'cosine', base: 0.03 },
  });
  const { correct, count } = await evaluate(model, drawDigits(500, 2), runtime, session);
  expect(correct / count).toBeGreaterThan(0.85);
});
