import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import type { FloatImages, Images } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { type ModelCardInput, parseCard } from './card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import type { ScoreReading } from './score-reading.ts';

const WEIGHTS = [
  [6, -4],
  [-3, 5],
  [1, 2],
];

/** A network of two pixels whose logits are `scale` times three weighted sums, or the first `count` of them. */
function network(add: (b: GraphBuilder, z: string) => string, { scale = 1, count = 3 } = {}): Model {
  const b = new GraphBuilder('net');
  const x = b.input('x', 'float32', ['N', 1, 1, 2]);
  const data = Float32Array.from(WEIGHTS.slice(0, count).flat(), (weight) => scale * weight);
  const w = b.initializer('w', { type: 'float32', dims: [count, 2], data });
  const z = b.op('Gemm', [b.op('Flatten', [x]), w], { transB: 1 }, 'z');
  b.output(b.op('Identity', [add(b, z)], {}, 'y'));
  return b.build();
}

const load = (model: Model, card: ModelCardInput = {}): Promise<OnnxClassifier> =>
  OnnxClassifier.load(writeModel(model), {
    card: parseCard(card),
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: 'net.onnx',
  });

const PIXELS = [51, 204];
const images: Images = { channels: 1, height: 1, width: 2, count: 1, data: Uint8Array.from(PIXELS) };
const floats: FloatImages = { ...images, data: Float32Array.from(PIXELS, (pixel) => pixel / 255) };
const logitsOf = (scale = 1): number[] =>
  WEIGHTS.map(([a = 0, b = 0]) => (scale * (a * PIXELS[0]! + b * PIXELS[1]!)) / 255);
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const softmax = (z: readonly number[]): number[] => {
  const exps = z.map((value) => Math.exp(value - Math.max(...z)));
  const total = exps.reduce((sum, value) => sum + value);
  return exps.map((value) => value / total);
};

function expectClose(ours: Float32Array, theirs: readonly number[], digits = 5): void {
  expect(ours.length).toBe(theirs.length);
  theirs.forEach((value, k) => {
    expect(ours[k]).toBeCloseTo(value, digits);
  });
}

/** d(Z_0 - Z_1) / d pixels. */
async function marginGradient(classifier: OnnxClassifier): Promise<Float32Array> {
  const weights = new Float32Array(classifier.numClasses);
  weights.set([1, -1]);
  return (await classifier.gradient(floats, { kind: 'linear', weights })).gradient;
}

const p = (b: GraphBuilder, z: string): string => b.op('Softmax', [z], { axis: 1 });
const half = (b: GraphBuilder, value: string): string => b.op('Mul', [value, b.scalar(0.5)]);

describe('scores are read as', () => {
  const inside = { kind: 'probabilities', logits: 'inside', value: 'z', from: 'graph' } as const;
  const byProbes = { kind: 'probabilities', logits: 'logarithm', from: 'probes' } as const;
  it.each<[string, (b: GraphBuilder, z: string) => string, Partial<ScoreReading>]>([
    ['probabilities behind a Cast', (b, z) => b.op('Cast', [p(b, z)], { to: 1 }), inside],
    ['probabilities behind a Clip', (b, z) => b.op('Clip', [p(b, z), b.scalar(1e-7), b.scalar(1)]), inside],
    [
      'a softmax written out',
      (b, z) => {
        const exp = b.op('Exp', [z]);
        return b.op('Div', [exp, b.op('ReduceSum', [exp, b.ints([1])])]);
      },
      inside,
    ],
    ['the mean of a softmax with itself', (b, z) => b.op('Add', [half(b, p(b, z)), half(b, p(b, z))]), byProbes],
    [
      'a product that is normalized',
      (b, z) => {
        const root = b.op('Sqrt', [p(b, z)]);
        const product = b.op('Mul', [root, root]);
        return b.op('Div', [product, b.op('ReduceSum', [product, b.ints([1])])]);
      },
      byProbes,
    ],
    // No rule for the logarithm: it is taken of the scores.
    ['probabilities that nothing was found in', (b, z) => b.op('Abs', [p(b, z)]), byProbes],
  ])('%s: the confidences of the file, and logits that differ as those inside', async (_, add, reading) => {
    const classifier = await load(network(add));
    expect(classifier.reading).toMatchObject(reading);
    expect(classifier.notices.length).toBe(reading.from === 'probes' ? 1 : 0);
    const z = logitsOf();
    expectClose((await classifier.predict(images)).data, softmax(z));
    const { data } = await classifier.logits(images);
    expectClose(
      data.map((value) => value - data[0]!),
      z.map((value) => value - z[0]!),
      4,
    );
    expectClose(await marginGradient(classifier), [9, -9], 3);
    await classifier.dispose();
  });

  it('a mean of softmaxes whose probabilities are 0 and 1 in float32: its logits are exact, its gradient whole', async () => {
    const classifier = await load(network((b, z) => b.op('Add', [half(b, p(b, z)), half(b, p(b, z))]), { scale: 60 }));
    const z = logitsOf(60);
    const { data } = await classifier.logits(images);
    expect(data[1]! - data[0]!).toBeCloseTo(z[1]! - z[0]!, 2);
    expectClose(await marginGradient(classifier), [540, -540], 1);
    await classifier.dispose();
  });

  it('probabilities in percent, whose confidences are computed anew', async () => {
    const classifier = await load(network((b, z) => b.op('Mul', [p(b, z), b.scalar(100)])));
    expect(classifier.reading).toMatchObject({ kind: 'probabilities', value: 'z', isScaled: true, from: 'probes' });
    expect(classifier.notices.join()).toMatch(/beyond 0 and 1, so confidences are computed of the logits/);
    expectClose((await classifier.predict(images)).data, softmax(logitsOf()));
    await classifier.dispose();
  });

  it.each<[string, (b: GraphBuilder, z: string) => string, Partial<ScoreReading>]>([
    ['Sigmoid', (b, z) => b.op('Sigmoid', [z]), { logits: 'inside', value: 'z', from: 'graph' }],
    [
      'half of 1 + tanh',
      (b, z) => half(b, b.op('Add', [b.op('Tanh', [half(b, z)]), b.scalar(1)])),
      { logits: 'logarithm', from: 'probes' },
    ],
  ])('several sigmoids (%s): each a confidence by itself, and attacked at its logit', async (_, add, reading) => {
    const classifier = await load(network(add));
    expect(classifier.reading).toMatchObject({ kind: 'sigmoids', ...reading });
    expectClose((await classifier.predict(images)).data, logitsOf().map(sigmoid));
    expectClose((await classifier.logits(images)).data, logitsOf(), 3);
    expectClose(await marginGradient(classifier), [9, -9], 2);
    const climbed = await classifier.gradient(floats, { kind: 'log-confidence', classIndices: Int32Array.of(1) });
    expect(climbed.value[0]).toBeCloseTo(Math.log(sigmoid(logitsOf()[1]!)), 4);
    await classifier.dispose();
  });

  it.each<[string, (b: GraphBuilder, z: string) => string]>([
    ['Sigmoid', (b, z) => b.op('Sigmoid', [z])],
    ['Sigmoid without an axis of classes', (b, z) => b.op('Reshape', [b.op('Sigmoid', [z]), b.ints([-1])])],
    ['half of 1 + tanh', (b, z) => half(b, b.op('Add', [b.op('Tanh', [half(b, z)]), b.scalar(1)]))],
  ])('one sigmoid (%s): two classes, named by the card', async (_, add) => {
    const classifier = await load(network(add, { count: 1 }), { classNames: ['cat', 'dog'] });
    expect([classifier.numClasses, classifier.classNames, classifier.reading.kind]).toEqual([
      2,
      ['cat', 'dog'],
      'sigmoids',
    ]);
    const [z = 0] = logitsOf();
    expectClose((await classifier.predict(images)).data, [sigmoid(-z), sigmoid(z)]);
    const { data } = await classifier.logits(images);
    expect(data[1]! - data[0]!).toBeCloseTo(z, 4);
    expectClose(await marginGradient(classifier), [-6, 4], 3);
    const { value } = await classifier.gradient(floats, { kind: 'log-probability', classIndices: Int32Array.of(1) });
    expect(value[0]).toBeCloseTo(Math.log(sigmoid(z)), 4);
    await classifier.dispose();
  });

  it('one sigmoid joined with what is left of 1', async () => {
    const joined = network(
      (b, z) => {
        const one = b.op('Sigmoid', [z]);
        return b.op('Concat', [b.op('Sub', [b.scalar(1), one]), one], { axis: 1 });
      },
      { count: 1, scale: 40 },
    );
    const classifier = await load(joined);
    expect(classifier.reading).toMatchObject(byProbes);
    const [z = 0] = logitsOf(40);
    const { data } = await classifier.logits(images);
    expect(data[1]! - data[0]!).toBeCloseTo(z, 3);
    expectClose(await marginGradient(classifier), [-240, 160], 1);
    await classifier.dispose();
  });

  it.each<[string, Model]>([
    ['any numbers', network((_, z) => z)],
    // Weights of 0 and more keep them in [0, 1] for all pictures, yet not for pixels beyond white.
    ['numbers in [0, 1] for all pictures', network((b, z) => half(b, b.op('Relu', [z])), { scale: 0.1 })],
    ['always 0', network((b, z) => b.op('Mul', [z, b.scalar(0)]))],
    ['log-probabilities', network((b, z) => b.op('LogSoftmax', [z], { axis: 1 }))],
  ])('logits: %s', async (_, model) => {
    const classifier = await load(model);
    expect(classifier.reading).toMatchObject({ kind: 'logits', logits: 'output', from: 'graph' });
    expect(classifier.notices).toEqual([]);
    await classifier.dispose();
  });

  it('what the card says, whatever comes out', async () => {
    const unknown = network((b, z) => b.op('Abs', [p(b, z)]));
    const logits = await load(unknown, { output: 'logits' });
    expect(logits.reading).toMatchObject({ kind: 'logits', from: 'card' });
    expectClose((await logits.logits(images)).data, softmax(logitsOf()));
    const sigmoids = await load(unknown, { output: 'sigmoids' });
    expect(sigmoids.reading).toMatchObject({ kind: 'sigmoids', logits: 'logarithm', from: 'card' });
    expectClose(
      (await sigmoids.logits(images)).data,
      softmax(logitsOf()).map((score) => Math.log(score / (1 - score))),
      3,
    );
    const single = await load(
      network((_, z) => z, { count: 1 }),
      { output: 'logits' },
    );
    expectClose((await single.logits(images)).data, [0, logitsOf()[0]!]);
    await Promise.all([logits.dispose(), sigmoids.dispose(), single.dispose()]);
  });

  it.each<[string, Model, ModelCardInput]>([
    ['is one number for each image, and no sigmoid', network((_, z) => z, { count: 1 }), {}],
    [
      'the card says that y is probabilities, but it lies beyond 0 and 1',
      network((_, z) => z),
      { output: 'probabilities' },
    ],
    ['the card says that y is sigmoids, but it lies beyond 0 and 1', network((_, z) => z), { output: 'sigmoids' }],
  ])('nothing where it %s', async (message, model, card) => {
    await expect(load(model, card)).rejects.toThrow(message);
  });
});
