import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { GraphBuilder, type Model, readModel, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { toFloat } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { type ModelCardInput, parseCard } from './card.ts';
import { gatherCard } from './card-source/gather-card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { argmax, scoresOf } from './scores.ts';

const runtime = nodeRuntime();
const load = (model: Model | Uint8Array, card: ModelCardInput = {}) =>
  OnnxClassifier.load(model instanceof Uint8Array ? model : writeModel(model), {
    card: parseCard(card),
    runtime,
    device: 'cpu',
    threads: 1,
    where: 'net.onnx',
  });

/** Softmax regression with given weights on an input of a given shape: everything has a closed form. */
function regression(
  shape: readonly (number | string)[],
  weights: readonly (readonly number[])[],
  head: 'logits' | 'softmax',
): Model {
  const b = new GraphBuilder('regression');
  const rows = b.op('Flatten', [b.input('x', 'float32', shape)], { axis: 1 });
  const data = Float32Array.from(weights.flat());
  const w = b.initializer('w', { type: 'float32', dims: [weights.length, weights[0]!.length], data });
  const logits = b.op('Gemm', [rows, w], { transB: 1 }, 'scores');
  b.output(head === 'softmax' ? b.op('Softmax', [logits], { axis: 1 }, 'p') : logits);
  return b.build();
}

function softmax(logits: readonly number[]): number[] {
  const exps = logits.map((z) => Math.exp(z - Math.max(...logits)));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((value) => value / sum);
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('a classifier', () => {
  const shape = { channels: 3, height: 1, width: 2 } as const;
  const random = Random.stream(1);
  const weights = Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => random.normal()));
  const pixels = [0, 255, 17, 99, 200, 3];
  const images = { ...shape, count: 1, data: Uint8Array.from(pixels) };
  const card = { range: [-1, 1], mean: [0.1, 0.2, 0.3], deviation: [0.5, 1, 2] } satisfies ModelCardInput;
  /** What the network must receive, by the definition of the card. */
  const fed = pixels.map((pixel, i) => {
    const channel = Math.floor(i / 2);
    return (-1 + (2 * pixel) / 255 - card.mean[channel]!) / card.deviation[channel]!;
  });

  it.each(['logits', 'softmax'] as const)('feeds a network that ends in %s as its card says', async (head) => {
    const classifier = await load(regression(['N', 3, 1, 2], weights, head), card);
    const { data } = await classifier.predict(images);
    softmax(weights.map((row) => dot(row, fed))).forEach((p, i) => {
      expect(data[i]).toBeCloseTo(p, 6);
    });
    await classifier.dispose();
  });

  it('exchanges channels for bgr and moves them last for NHWC', async () => {
    const bgr = await load(regression(['N', 3, 1, 2], weights, 'logits'), { color: 'bgr' });
    const exchanged = [4, 5, 2, 3, 0, 1].map((i) => pixels[i]! / 255);
    const nhwc = await load(regression(['N', 1, 2, 3], weights, 'logits'), { layout: 'NHWC' });
    const last = [0, 2, 4, 1, 3, 5].map((i) => pixels[i]! / 255);
    for (const [classifier, input] of [
      [bgr, exchanged],
      [nhwc, last],
    ] as const) {
      const { data } = await classifier.predict(images);
      const expected = softmax(weights.map((row) => dot(row, input)));
      expected.forEach((p, i) => {
        expect(data[i]).toBeCloseTo(p, 6);
      });
      const { gradient } = await classifier.gradient(toFloat(images), {
        kind: 'log-probability',
        classIndices: Int32Array.of(2),
      });
      const order = classifier === bgr ? [4, 5, 2, 3, 0, 1] : [0, 2, 4, 1, 3, 5];
      order.forEach((ours, theirs) => {
        const expectedGradient =
          weights[2]![theirs]! - weights.reduce((sum, row, k) => sum + expected[k]! * row[theirs]!, 0);
        expect(gradient[ours]).toBeCloseTo(expectedGradient, 5);
      });
      await classifier.dispose();
    }
  });

  it.each(['logits', 'softmax'] as const)('knows the gradient of log p in closed form (%s)', async (head) => {
    const classifier = await load(regression(['N', 3, 1, 2], weights, head), card);
    const two = { ...shape, count: 2, data: Uint8Array.from([...pixels, ...pixels]) };
    const { value, gradient } = await classifier.gradient(toFloat(two), {
      kind: 'log-probability',
      classIndices: Int32Array.of(0, 3),
    });
    const p = softmax(weights.map((row) => dot(row, fed)));
    [0, 3].forEach((label, n) => {
      expect(value[n]).toBeCloseTo(Math.log(p[label]!), 5);
      for (let i = 0; i < 6; i++) {
        const slope = weights[label]![i]! - weights.reduce((sum, row, k) => sum + p[k]! * row[i]!, 0);
        expect(gradient[6 * n + i]).toBeCloseTo((slope * 2) / card.deviation[Math.floor(i / 2)]!, 4);
      }
    });
    await classifier.dispose();
  });

  it('keeps the gradient where the network is certain and 1 - p is lost in float32', async () => {
    // Logits 40 apart: p = 1 in float32, yet the gradient is -e^-40 (w0 - w1) and not zero.
    const classifier = await load(
      regression(
        ['N', 1, 1, 2],
        [
          [40, 0],
          [0, 1],
        ],
        'logits',
      ),
    );
    const white = { channels: 1, height: 1, width: 2, count: 1, data: Float32Array.of(1, 0) } as const;
    const { gradient } = await classifier.gradient(white, { kind: 'log-probability', classIndices: Int32Array.of(0) });
    expect(gradient[0]! / (40 * Math.exp(-40))).toBeCloseTo(1, 4);
    expect(gradient[1]! / -Math.exp(-40)).toBeCloseTo(1, 4);
    await classifier.dispose();
  });

  it('takes a batch although the network was exported for one image, and no image changes another', async () => {
    const classifier = await load(regression([1, 3, 1, 2], weights, 'logits'), card);
    const other = Uint8Array.from(pixels, (value) => 255 - value);
    const both = await classifier.predict({ ...shape, count: 2, data: Uint8Array.from([...other, ...pixels]) });
    const alone = await classifier.predict(images);
    expect([...both.data.subarray(4)]).toEqual([...alone.data]);
    await classifier.dispose();
  });

  it.each<[string, Model | Uint8Array, ModelCardInput]>([
    ['not an ONNX model', new TextEncoder().encode('hello, I am a text'), {}],
    [
      '4 classes, but the card has 2 classNames',
      regression(['N', 3, 1, 2], weights, 'logits'),
      { classNames: ['a', 'b'] },
    ],
    ['ends in Softmax, but the card says logits', regression(['N', 3, 1, 2], weights, 'softmax'), { output: 'logits' }],
    ['no image', regression(['N', 6], weights, 'logits'), {}],
    ['the model has scores', regression(['N', 3, 1, 2], weights, 'logits'), { outputName: 'q' }],
    ['color grey', regression(['N', 3, 1, 2], weights, 'logits'), { color: 'grey' }],
  ])('is refused in one sentence: %s', async (message, model, cardInput) => {
    await expect(load(model, cardInput)).rejects.toThrow(InputError);
    await expect(load(model, cardInput)).rejects.toThrow(message);
    await expect(load(model, cardInput)).rejects.toThrow('net.onnx');
  });

  it('names the class when a score is not a number', async () => {
    const broken = weights.map((row, k) => (k === 1 ? row.map(() => Number.NaN) : row));
    const classifier = await load(regression(['N', 3, 1, 2], broken, 'logits'));
    await expect(classifier.predict(images)).rejects.toThrow(/net\.onnx gives NaN/);
    await classifier.dispose();
  });

  it('refuses images of another shape', async () => {
    const classifier = await load(regression(['N', 3, 1, 2], weights, 'logits'));
    await expect(classifier.predict({ ...images, width: 1 })).rejects.toThrow('3 x 1 x 2');
    await classifier.dispose();
  });

  it('names the operator that no gradient flows through', async () => {
    const b = new GraphBuilder('odd');
    const x = b.input('x', 'float32', ['N', 3, 1, 2]);
    const odd = b.op('Det', [b.op('Reshape', [x, b.ints([-1, 6, 1, 1])])]);
    const y = b.op('Reshape', [odd, b.ints([-1, 6])], {}, 'y');
    b.describe(y, { type: 'float32', shape: ['N', 6] });
    b.output(y);
    const classifier = await load(b.build());
    expect(classifier.gradientBlockers().map(({ opType }) => opType)).toContain('Det');
    const gradient = classifier.gradient(toFloat(images), { kind: 'log-probability', classIndices: Int32Array.of(0) });
    await expect(gradient).rejects.toThrow(InputError);
    await expect(gradient).rejects.toThrow(/net\.onnx: No gradient flows through .*Det/);
    await classifier.dispose();
  });
});

const data = process.env.PAREIDOLIA_DATA ?? '';

describe.skipIf(!existsSync(`${data}/models`))('published networks (PAREIDOLIA_DATA)', () => {
  // Accuracies of the same files as their manifest gives them, measured by another program.
  it.each([
    ['mnist-lenet-nguyen2015.onnx', 0.9918],
    ['mnist-lenet5-clean.onnx', 0.9889],
    ['mnist-lenet5-advtrained.onnx', 0.9864],
  ])('%s classifies %f of the MNIST test set', async (name, accuracy) => {
    const bytes = new Uint8Array(readFileSync(`${data}/models/${name}`));
    const { card } = gatherCard({ where: name, model: readModel(bytes), remedy: '' });
    const classifier = await OnnxClassifier.load(bytes, { card, runtime, device: 'cpu', where: name });
    const images = new Uint8Array(gunzipSync(readFileSync(`${data}/mnist/t10k-images-idx3-ubyte.gz`)).subarray(16));
    const labels = gunzipSync(readFileSync(`${data}/mnist/t10k-labels-idx1-ubyte.gz`)).subarray(8);
    const scores = await classifier.predict({ ...classifier.shape, count: 10_000, data: images });
    const hits = labels.filter((label, row) => argmax(scoresOf(scores, row)) === label).length;
    expect(hits / 10_000).toBe(accuracy);
    await classifier.dispose();
  });
});
