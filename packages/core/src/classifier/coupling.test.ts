import { GraphBuilder, type Model, tensor, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import type { Images } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const SIZE = 64;

/** A network of images of 8 x 8 with three classes: something is done to the images, then a fully connected layer. */
function network(
  before: (b: GraphBuilder, x: string) => string,
  {
    batch = 'N',
    after = (_: GraphBuilder, z: string) => z,
  }: { batch?: number | string; after?: (b: GraphBuilder, z: string) => string } = {},
): Model {
  const b = new GraphBuilder('net');
  const x = before(b, b.input('x', 'float32', [batch, 1, 8, 8]));
  const random = Random.stream(1);
  const w = b.initializer(
    'w',
    tensor(
      'float32',
      [SIZE, 3],
      Float32Array.from({ length: 3 * SIZE }, () => random.normal()),
    ),
  );
  b.output(b.op('Identity', [after(b, b.op('MatMul', [b.op('Reshape', [x, b.ints([-1, SIZE])]), w]))], {}, 'z'));
  return b.build();
}

const load = (model: Model): Promise<OnnxClassifier> =>
  OnnxClassifier.load(writeModel(model), { runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'net.onnx' });

const random = Random.stream(2);
const images: Images = {
  channels: 1,
  height: 8,
  width: 8,
  count: 3,
  data: Uint8Array.from({ length: 3 * SIZE }, () => Math.floor(random.uniform() * 256)),
};
const one = (row: number): Images => ({ ...images, count: 1, data: images.data.slice(row * SIZE, (row + 1) * SIZE) });

const ones = (b: GraphBuilder): string => b.constant(tensor('float32', [1], Float32Array.of(1)));
const zeros = (b: GraphBuilder): string => b.constant(tensor('float32', [1], Float32Array.of(0)));
/** Scale and variance are one constant, bias and mean another: ONNX Runtime writes over the latter of each. */
const batchNormalization = (b: GraphBuilder, x: string): string =>
  b.ops('BatchNormalization', [x, ones(b), zeros(b), zeros(b), ones(b)], 3, { training_mode: 1 })[0]!;

describe('images that influence each other', () => {
  it.each<[string, Model]>([
    ['batch normalization in training mode', network(batchNormalization)],
    [
      'the mean of the batch beside the image',
      network((b, x) => b.op('Sub', [x, b.op('Mul', [b.op('ReduceMean', [x, b.ints([0])]), b.scalar(0.5)])])),
    ],
    [
      'a share of a softmax over the batch',
      network((_, x) => x, { after: (b, z) => b.op('Add', [z, b.op('Softmax', [z], { axis: 0 })]) }),
    ],
    [
      'the image before',
      network((b, x) => {
        const [first, last] = [b.op('Slice', [x, b.ints([0]), b.ints([1]), b.ints([0])]), x];
        return b.op('Add', [last, first]);
      }),
    ],
  ])('are shown to the network one at a time, and that is said: %s', async (_, model) => {
    const classifier = await load(model);
    expect(classifier.notices.join()).toMatch(
      /^net\.onnx scores an image by the images beside it .* one image at a time/,
    );
    const together = await classifier.logits(images);
    const gradients = await classifier.gradient(
      { ...images, data: Float32Array.from(images.data, (pixel) => pixel / 255) },
      { kind: 'margin', classIndices: new Int32Array(3) },
    );
    for (let row = 0; row < 3; row++) {
      // A new session for each.
      const alone = await load(model);
      const { data } = await alone.logits(one(row));
      expect(together.data.slice(3 * row, 3 * row + 3)).toEqual(data);
      data.forEach((value, k) => {
        expect(gradients.logits[3 * row + k]).toBeCloseTo(value, 4);
      });
      await alone.dispose();
    }
    await classifier.dispose();
  });

  it('with batch normalization in training mode score as its definition says, as often as they are asked', async () => {
    const model = network(batchNormalization);
    const classifier = await load(model);
    const w = model.graph.initializers.get('w')!.data as Float32Array;
    for (let time = 0; time < 3; time++) {
      const { data } = await classifier.logits(images);
      for (let row = 0; row < 3; row++) {
        const x = Array.from(one(row).data, (pixel) => pixel / 255);
        const mean = x.reduce((sum, value) => sum + value, 0) / SIZE;
        const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SIZE;
        for (let k = 0; k < 3; k++) {
          const z = x.reduce((sum, value, i) => sum + ((value - mean) / Math.sqrt(variance + 1e-5)) * w[3 * i + k]!, 0);
          expect(data[3 * row + k]).toBeCloseTo(z, 4);
        }
      }
    }
    await classifier.dispose();
  });

  it.each<[string, Model]>([
    ['less the mean of the batch', network((b, x) => b.op('Sub', [x, b.op('ReduceMean', [x, b.ints([0])])]))],
    ['a softmax over the batch', network((_, x) => x, { after: (b, z) => b.op('Softmax', [z], { axis: 0 }) })],
  ])('are refused where one alone says nothing: %s', async (_, model) => {
    await expect(load(model)).rejects.toThrow(
      /^net\.onnx scores an image by the images beside it .* of every image alone/,
    );
  });

  it('are refused where the network takes a fixed number', async () => {
    const fixed = network(
      (b, x) => b.op('Sub', [x, b.op('Mul', [b.op('ReduceMean', [x, b.ints([0])]), b.scalar(0.5)])]),
      { batch: 4, after: (b, z) => b.op('Reshape', [z, b.ints([4, 3])]) },
    );
    await expect(load(fixed)).rejects.toThrow(/^net\.onnx scores an image by the images beside it/);
  });

  it('are none of a network that looks at each by itself', async () => {
    const classifier = await load(network((b, x) => b.op('InstanceNormalization', [x, ones(b), zeros(b)])));
    expect(classifier.notices).toEqual([]);
    await classifier.dispose();
  });
});

describe('a random network', () => {
  const isTraining = (b: GraphBuilder): string => b.constant(tensor('bool', [], Uint8Array.of(1)));
  it.each<[string, Model, boolean]>([
    ['noise of the shape of the images', network((b, x) => b.op('Add', [x, b.op('RandomNormalLike', [x])])), true],
    [
      'noise of a fixed shape',
      network((b, x) => b.op('Add', [x, b.op('RandomUniform', [], { shape: [1, 1, 8, 8] })])),
      true,
    ],
    ['dropout written out', network((b, x) => b.op('Mul', [x, b.op('Bernoulli', [b.op('Sigmoid', [x])])])), true],
    ['dropout in training mode', network((b, x) => b.op('Dropout', [x, b.scalar(0.5), isTraining(b)])), true],
  ])('is taken, and that is said: %s', async (_, model, hasGradient) => {
    const classifier = await load(model);
    expect(classifier.notices.join()).toMatch(/^net\.onnx is random: .* the same image each time/);
    expect(classifier.notices.length).toBe(1);
    expect(classifier.gradientBlockers().length).toBe(hasGradient ? 0 : 1);
    await classifier.dispose();
  });

  it('that takes statistics of the batch too is shown one image at a time', async () => {
    const classifier = await load(
      network((b, x) => batchNormalization(b, b.op('Add', [x, b.op('RandomNormalLike', [x], { scale: 0.001 })]))),
    );
    expect(classifier.notices.join()).toMatch(/is random/);
    expect(classifier.notices.join()).toMatch(/one image at a time/);
    await classifier.dispose();
  });
});
