import { GraphBuilder, readModel, tensor, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { type ModelCardInput, parseCard } from '../classifier/card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { blankImages, type Images } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { sourceOf } from '../testing/fit-source.ts';
import type { FittedDetector } from './detector.ts';
import { discriminatorDetector, requireSameImages } from './discriminator.ts';
import { guardModel } from './guard-model.ts';
import { GuardedSession } from './guarded-session.ts';

const runtime = nodeRuntime();
const [CHANNELS, HEIGHT, WIDTH, CLASSES] = [3, 4, 5, 4];
const SIZE = CHANNELS * HEIGHT * WIDTH;

/** One layer on flat images, perhaps with a sigmoid; all networks here have the same names of values. */
function network(
  dims: readonly (number | string)[],
  outputs: number,
  seed: number,
  { sigmoid = false, type = 'float32' }: { sigmoid?: boolean; type?: 'float32' | 'uint8' } = {},
): Uint8Array {
  const random = Random.stream(seed);
  const size = dims.slice(1).reduce<number>((all, dim) => all * Number(dim), 1);
  const b = new GraphBuilder('net');
  const image = b.input('image', type, dims);
  const floats = type === 'float32' ? image : b.op('Cast', [image], { to: 1 });
  const flat = b.op('Reshape', [floats, b.ints([-1, size])], {}, 'flat');
  const scale = type === 'float32' ? 1 : 255;
  const data = Float32Array.from({ length: size * outputs }, () => random.normal() / scale);
  const z = b.op('MatMul', [flat, b.initializer('w', tensor('float32', [size, outputs], data))], {}, 'z');
  b.output(sigmoid ? b.op('Sigmoid', [z], {}, 'y') : z);
  return writeModel(b.build());
}

const load = (bytes: Uint8Array, card: ModelCardInput = {}, where = 'net.onnx') =>
  OnnxClassifier.load(bytes, { runtime, device: 'cpu', threads: 1, where, card: parseCard(card) });

function images(count: number): Images {
  const random = Random.stream(4);
  const shape = { channels: 3, height: HEIGHT, width: WIDTH } as const;
  return {
    ...blankImages(shape, count),
    data: Uint8Array.from({ length: count * SIZE }, () => random.uint32() >>> 24),
  };
}

const fitted = async (classifier: OnnxClassifier, realClass: 0 | 1 = 1): Promise<FittedDetector> =>
  discriminatorDetector({ classifier, realClass }).fit(sourceOf([{ logits: [0, 0] }]));

describe('a discriminator as a detector', () => {
  it('scores by its log-odds, which a closed form gives', async () => {
    const judge = await load(network(['N', 3, HEIGHT, WIDTH], 1, 7, { sigmoid: true }), { range: [-1, 1] });
    const some = images(3);
    const scores = await (await fitted(judge)).scoresOf!(some);
    const random = Random.stream(7);
    const weights = Array.from({ length: SIZE }, () => Math.fround(random.normal()));
    scores.forEach((score, row) => {
      const own = some.data.subarray(row * SIZE, (row + 1) * SIZE);
      expect(score).toBeCloseTo(
        weights.reduce((sum, w, i) => sum + w * ((2 * own[i]!) / 255 - 1), 0),
        4,
      );
    });
    // Where the first of two classes is that of real images, the odds turn round.
    const turned = await (await fitted(judge, 0)).scoresOf!(some);
    turned.forEach((score, row) => {
      expect(score).toBeCloseTo(-scores[row]!, 12);
    });
  });

  it.each([
    ['channels first', ['N', 3, HEIGHT, WIDTH], { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.3, 0.4] }, {}],
    [
      'channels last, blue first',
      ['N', HEIGHT, WIDTH, 3],
      { color: 'bgr', layout: 'NHWC', mean: [9, 8, 7], range: [0, 255] },
      {},
    ],
    ['a flat input', ['N', SIZE], { height: HEIGHT, width: WIDTH, color: 'rgb', range: [-1, 1] }, {}],
    ['whole numbers', ['N', 3, HEIGHT, WIDTH], {}, { type: 'uint8' }],
  ] as const)('is folded into a network of %s with its own score', async (_, dims, card, more) => {
    const bytes = network(dims, CLASSES, 3, more);
    const classifier = await load(bytes, card as ModelCardInput);
    const judge = await load(network(['N', 3, HEIGHT, WIDTH], 1, 7, { sigmoid: true }), { range: [-1, 1] }, 'd.onnx');
    const detector = await fitted(judge);
    const some = images(6);
    const beside = await detector.scoresOf!(some);
    const model = guardModel(readModel(bytes), classifier, detector, 0, 1);
    const session = await GuardedSession.open(model, classifier, runtime, { device: 'cpu', threads: 1 });
    const { scores } = await session.answers(some);
    const largest = Math.max(...beside.map(Math.abs));
    scores.forEach((score, row) => {
      expect(Math.abs(score - beside[row]!) / largest).toBeLessThan(1e-5);
    });
    await session.dispose();
  });

  it('refuses what is none, and what takes other images', async () => {
    const classifier = await load(network(['N', 3, HEIGHT, WIDTH], CLASSES, 3));
    expect(() => discriminatorDetector({ classifier, realClass: 1 })).toThrow(
      'net.onnx has 4 classes, and a discriminator has one output (how real) or two',
    );
    const grey = await load(network(['N', 1, 9, 9], 1, 7), { output: 'logits' }, 'grey.onnx');
    expect(() => requireSameImages({ classifier: grey, realClass: 1 }, classifier)).toThrow(
      'grey.onnx judges images of 9 x 9 grey, and net.onnx takes 5 x 4 color',
    );
  });
});
