import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { GraphBuilder, type Model, readModel, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../../classifier/card.ts';
import { OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { drawDigits } from '../../dataset/digits/digits.ts';
import { InputError } from '../../errors.ts';
import { toFloat } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { evaluate } from '../evaluation.ts';
import { FINE_TUNING_RECIPE } from '../recipe.ts';
import { train } from '../trainer.ts';
import { type FineTuning, prepareFineTuning } from './fine-tuning.ts';

const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 1 } as const;
const where = 'given.onnx';

const embedded = (): Model => {
  const path = createRequire(import.meta.url).resolve('@pareidolia/core/assets/lenet-digits.onnx');
  return readModel(new Uint8Array(readFileSync(path)));
};

/** The same numbers for the same shape. */
function floats(dims: readonly number[], size = 0.5) {
  const random = Random.stream(11, ...dims);
  const length = dims.reduce((all, dim) => all * dim, 1);
  return {
    type: 'float32' as const,
    dims,
    data: Float32Array.from({ length }, () => size * (2 * random.uniform() - 1)),
  };
}

/** As Keras exports: NHWC, values 0 .. 255 that the card centers, MatMul and Add, a softmax at the end. */
function keras(): Model {
  const b = new GraphBuilder('keras');
  b.input('pixels', 'float32', ['N', 8, 8, 1]);
  const flat = b.op('Reshape', ['pixels', b.ints([-1, 64])]);
  b.initializer('dense/kernel', floats([64, 12], 0.1));
  b.initializer('dense/bias', floats([12]));
  b.initializer('head/kernel', floats([12, 4]));
  b.initializer('head/bias', floats([4]));
  const hidden = b.op('Relu', [b.op('Add', [b.op('MatMul', [flat, 'dense/kernel']), 'dense/bias'])]);
  const logits = b.op('Add', ['head/bias', b.op('MatMul', [hidden, 'head/kernel'])]);
  b.output(b.op('Softmax', [logits], { axis: 1 }, 'answers'));
  return b.build();
}
const kerasCard = parseCard({ layout: 'NHWC', range: [0, 255], mean: 100, deviation: 50, output: 'probabilities' });

/** As CNTK exports: the last matrix is kept in the shape of the maps that it is for; and a LogSoftmax at the end. */
function cntk(): Model {
  const b = new GraphBuilder('cntk');
  b.input('image', 'float32', ['N', 1, 8, 8]);
  b.initializer('stem', floats([6, 1, 3, 3]));
  b.initializer('head', floats([6, 3, 3, 4]));
  b.initializer('bias', floats([1, 4]));
  const maps = b.op('Relu', [b.op('Conv', ['image', 'stem'], { kernel_shape: [3, 3] })]);
  const small = b.op('MaxPool', [maps], { kernel_shape: [2, 2], strides: [2, 2] });
  const flat = b.op('Reshape', [small, b.ints([-1, 54])]);
  const matrix = b.op('Reshape', ['head', b.ints([54, 4])]);
  const scores = b.op('Add', [b.op('MatMul', [flat, matrix]), 'bias']);
  b.output(b.op('LogSoftmax', [scores], { axis: 1 }, 'logarithms'));
  return b.build();
}

/** As SqueezeNet: the classes are maps of a convolution, pooled; with batch normalization before it. */
function pooled(): Model {
  const b = new GraphBuilder('pooled');
  b.input('image', 'float32', ['N', 1, 8, 8]);
  b.initializer('stem.weight', floats([6, 1, 3, 3]));
  b.initializer('norm.weight', { type: 'float32', dims: [6], data: new Float32Array(6).fill(1.5) });
  b.initializer('norm.bias', floats([6]));
  b.initializer('norm.mean', floats([6]));
  b.initializer('norm.variance', { type: 'float32', dims: [6], data: new Float32Array(6).fill(0.8) });
  b.initializer('classes.weight', floats([4, 6, 1, 1], 1));
  b.initializer('classes.bias', floats([4]));
  const stem = b.op('Conv', ['image', 'stem.weight'], { kernel_shape: [3, 3] });
  const norm = b.op('BatchNormalization', [stem, 'norm.weight', 'norm.bias', 'norm.mean', 'norm.variance']);
  const maps = b.op('Conv', [b.op('Relu', [norm]), 'classes.weight', 'classes.bias'], { kernel_shape: [1, 1] });
  b.initializer('target', { type: 'int64', dims: [2], data: BigInt64Array.of(-1n, 4n) });
  b.output(b.op('Reshape', [b.op('GlobalAveragePool', [maps]), 'target'], {}, 'scores'));
  return b.build();
}

/** Images of which the brightness says the class. */
function shades(count: number, seed: number, classes = 4): Dataset {
  const source = Random.stream(seed, 4);
  const labels = Int32Array.from({ length: count }, () => source.integer(classes));
  const data = Uint8Array.from(
    { length: 64 * count },
    (_, at) => 60 * labels[Math.floor(at / 64)]! + source.integer(70),
  );
  const classNames = Array.from({ length: classes }, (_, index) => `shade ${index}`);
  return { name: 'shades', classNames, labels, images: { channels: 1, height: 8, width: 8, count, data } };
}

async function tune(tuning: FineTuning, dataset: Dataset, epochs = 2, rate = 0.01): Promise<Model> {
  const { model } = await train({
    model: tuning.model,
    dataset,
    runtime,
    session,
    epochs,
    batch: 20,
    seed: 1,
    optimizer: FINE_TUNING_RECIPE.optimizer,
    learningRate: { kind: 'cosine', base: rate },
    trainable: tuning.trainable,
    batchNormalization: 'inference',
  });
  return tuning.finish(model);
}

async function accuracy(
  model: Model,
  card: ReturnType<typeof parseCard>,
  { images, labels }: Dataset,
): Promise<number> {
  const classifier = await OnnxClassifier.load(writeModel(model), { runtime, ...session, card, where });
  const { data, numClasses } = await classifier.logits(images);
  await classifier.dispose();
  let right = 0;
  for (const [row, label] of labels.entries()) {
    const own = data.subarray(row * numClasses, (row + 1) * numClasses);
    if (own.indexOf(Math.max(...own)) === label) right++;
  }
  return right / labels.length;
}

const dataOf = (model: Model, name: string): unknown => model.graph.initializers.get(name)?.data;

describe('a network that was trained elsewhere', () => {
  it.each([
    ['in NHWC, centered, behind a softmax', keras, kerasCard],
    ['with batch normalization, pooled classes', pooled, parseCard({})],
  ])('%s: answers as its classifier does, learns, and keeps inputs and outputs', async (_, make, card) => {
    const file = make();
    const tuning = prepareFineTuning(file, { card, where, freeze: 'none' });
    const test = shades(100, 2);
    const given = await OnnxClassifier.load(writeModel(file), { runtime, ...session, card, where });
    const wrapped = await OnnxClassifier.load(writeModel(tuning.model), { runtime, ...session, where });
    const [one, other] = [await given.logits(test.images), await wrapped.logits(toFloat(test.images))];
    one.data.forEach((logit, i) => {
      expect(other.data[i]).toBeCloseTo(logit, 4);
    });
    await given.dispose();
    await wrapped.dispose();
    const before = await accuracy(file, card, test);
    const result = readModel(writeModel(await tune(tuning, shades(400, 1), 6)));
    expect(await accuracy(result, card, test)).toBeGreaterThan(before + 0.25);
    expect(result.graph.inputs).toEqual(readModel(writeModel(file)).graph.inputs);
    expect(result.graph.outputs).toEqual(readModel(writeModel(file)).graph.outputs);
    expect(result.graph.nodes.map(({ opType }) => opType)).toEqual(file.graph.nodes.map(({ opType }) => opType));
    for (const [name, { data }] of file.graph.initializers) {
      const isWeight = tuning.trainable.includes(name);
      expect(
        Buffer.from(Float64Array.from(data, Number).buffer).equals(
          Buffer.from(Float64Array.from(result.graph.initializers.get(name)!.data, Number).buffer),
        ),
        name,
      ).toBe(!isWeight);
    }
  });

  it('does not train running statistics, and says that there are some', () => {
    const tuning = prepareFineTuning(pooled(), { card: parseCard({}), where, freeze: 'none' });
    expect(tuning.hasBatchNormalization).toBe(true);
    expect([...tuning.trainable].sort()).toEqual([
      'classes.bias',
      'classes.weight',
      'norm.bias',
      'norm.weight',
      'stem.weight',
    ]);
    expect(tuning.values).toEqual({ trained: 4 + 24 + 6 + 6 + 54, frozen: 0 });
  });

  it.each<[Parameters<typeof prepareFineTuning>[1]['freeze'], readonly string[]]>([
    ['all-but-last', ['head/bias', 'head/kernel']],
    [['dense/kernel'], ['dense/bias', 'head/bias', 'head/kernel']],
  ])('frozen %j trains what is left', (freeze, trained) => {
    const tuning = prepareFineTuning(keras(), { card: kerasCard, where, freeze });
    expect([...tuning.trainable].sort()).toEqual(trained);
  });

  it('the digit network learns a last layer and keeps all others, with the same bytes each time', async () => {
    const file = embedded();
    const digits = drawDigits(100, 5);
    const once = async (): Promise<Model> =>
      tune(prepareFineTuning(file, { card: parseCard({}), where, freeze: 'all-but-last' }), digits, 1, 0.001);
    const [one, other] = [await once(), await once()];
    expect(Buffer.compare(writeModel(one), writeModel(other))).toBe(0);
    const changed = [...file.graph.initializers.keys()].filter((name) => dataOf(one, name) !== dataOf(file, name));
    expect(changed.sort()).toEqual(['logits.bias', 'logits.weight']);
  });
});

it('in float16 is trained and written in float32', async () => {
  const b = new GraphBuilder('half');
  b.input('image', 'float16', ['N', 1, 8, 8]);
  // Numbers of both signs up to .1 and .5: 0x2e66 and 0x3800.
  const data = Uint16Array.from({ length: 256 }, (_, i) => (i % 3 === 0 ? 0x2e66 : i % 2 === 0 ? 0xae66 : 0x2800));
  b.initializer('weight', { type: 'float16', dims: [64, 4], data });
  b.output(b.op('MatMul', [b.op('Flatten', ['image'], { axis: 1 }), 'weight'], {}, 'scores'));
  const tuning = prepareFineTuning(b.build(), { card: parseCard({}), where, freeze: 'none' });
  const result = readModel(writeModel(await tune(tuning, shades(60, 1), 1)));
  expect(result.graph.inputs).toMatchObject([{ name: 'image', type: 'float32' }]);
  expect(result.graph.initializers.get('weight')).toMatchObject({ type: 'float32', dims: [64, 4] });
  const classifier = await OnnxClassifier.load(writeModel(result), { runtime, ...session, where });
  const test = shades(8, 2).images;
  const { data: logits } = await classifier.logits(test);
  await classifier.dispose();
  // What is in the file is what is computed: a product of pixels and weights.
  const weights = dataOf(result, 'weight') as Float32Array;
  for (let row = 0; row < 8; row++) {
    const pixels = toFloat(test).data.subarray(64 * row, 64 * row + 64);
    for (let k = 0; k < 4; k++) {
      const logit = pixels.reduce((sum, pixel, i) => sum + pixel * weights[4 * i + k]!, 0);
      expect(logits[4 * row + k]).toBeCloseTo(logit, 4);
    }
  }
});

describe('another last layer', () => {
  const test = shades(60, 3);

  it.each([
    ['keras', keras, kerasCard],
    ['pooled', pooled, parseCard({})],
    ['cntk', cntk, parseCard({})],
  ] as const)('%s: a class that is added leaves the logits of the others as they are', async (_, make, card) => {
    const head = { classes: 5, keep: true, seed: 1 };
    const tuning = prepareFineTuning(make(), { card, where, freeze: 'none', head });
    expect(tuning.classes).toBe(5);
    const result = tuning.finish(tuning.model);
    const logits = async (model: Model) => {
      const classifier = await OnnxClassifier.load(writeModel(model), { runtime, ...session, card, where });
      const { data, numClasses } = await classifier.logits(test.images);
      await classifier.dispose();
      return { data, numClasses };
    };
    const [before, after] = [await logits(make()), await logits(result)];
    expect([before.numClasses, after.numClasses]).toEqual([4, 5]);
    for (let row = 0; row < test.images.count; row++) {
      // A logarithm of a softmax over more classes is less by the same amount for all.
      const shift = make === cntk ? after.data[5 * row]! - before.data[4 * row]! : 0;
      for (let c = 0; c < 4; c++) expect(after.data[5 * row + c]! - shift).toBeCloseTo(before.data[4 * row + c]!, 4);
    }
  });

  it.each([
    ['keras', keras, kerasCard],
    ['pooled', pooled, parseCard({})],
    ['cntk', cntk, parseCard({})],
  ] as const)('%s: learns other classes', async (_, make, card) => {
    const data = shades(400, 1, 3);
    const head = { classes: 3, keep: false, seed: 1 };
    const result = await tune(prepareFineTuning(make(), { card, where, freeze: 'none', head }), data, 6);
    expect(readModel(writeModel(result)).graph.outputs[0]!.shape?.at(-1)).toBe(3);
    expect(await accuracy(result, card, shades(100, 2, 3))).toBeGreaterThan(0.7);
  });
});

it('is judged by the trainer as by its classifier', async () => {
  const tuning = prepareFineTuning(keras(), { card: kerasCard, where, freeze: 'none' });
  const data = shades(80, 6);
  const { correct, count } = await evaluate(tuning.model, data, runtime, session);
  expect(correct / count).toBe(await accuracy(keras(), kerasCard, data));
});

describe('what cannot be trained is refused with one sentence', () => {
  const plain = parseCard({});
  const ask = (file: Model, freeze: Parameters<typeof prepareFineTuning>[1]['freeze'] = 'none', card = plain) =>
    prepareFineTuning(file, { card, where, freeze });

  function quantized(): Model {
    const b = new GraphBuilder('quantized');
    b.input('image', 'float32', ['N', 1, 2, 2]);
    b.initializer('w', { type: 'int8', dims: [4, 3], data: Int8Array.from({ length: 12 }, (_, i) => i) });
    const weight = b.op('DequantizeLinear', ['w', b.scalar(0.1)]);
    b.output(b.op('MatMul', [b.op('Flatten', ['image'], { axis: 1 }), weight], {}, 'scores'));
    return b.build();
  }

  function weightless(): Model {
    const b = new GraphBuilder('weightless');
    b.input('image', 'float32', ['N', 1, 2, 2]);
    b.output(b.op('Flatten', ['image'], { axis: 1 }, 'scores'));
    return b.build();
  }

  function sigmoids(): Model {
    const b = new GraphBuilder('sigmoids');
    b.input('image', 'float32', ['N', 1, 2, 2]);
    b.initializer('w', floats([4, 3]));
    b.output(b.op('Sigmoid', [b.op('MatMul', [b.op('Flatten', ['image'], { axis: 1 }), 'w'])], {}, 'scores'));
    return b.build();
  }

  it.each<[string, () => unknown, string]>([
    ['quantized weights', () => ask(quantized()), 'given.onnx: The model is quantized, and integer weights cannot be'],
    ['no weights', () => ask(weightless()), 'given.onnx has no weights in float32 that could be trained'],
    ['sigmoids', () => ask(sigmoids()), 'given.onnx answers with sigmoids, several classes for an image'],
    [
      'a layer that is not there',
      () => ask(pooled(), ['steam']),
      'given.onnx has no layer steam to freeze; its weights are',
    ],
    [
      'nothing left',
      () => ask(pooled(), ['stem', 'norm', 'classes']),
      'given.onnx: --freeze leaves no weight to train',
    ],
    [
      'no last layer',
      () =>
        prepareFineTuning(weightless(), {
          card: plain,
          where,
          freeze: 'none',
          head: { classes: 9, keep: false, seed: 1 },
        }),
      'given.onnx does not end in one layer with an output for each of its 4 classes',
    ],
  ])('%s', (_, refused, message) => {
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(message);
  });
});
