import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { expect, it } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { seen, sourceOf } from '../testing/fit-source.ts';
import { guardModel } from './guard-model.ts';
import { odin } from './odin.ts';

it('is the largest softmax at temperature 1000', async () => {
  const { score } = await odin.fit(sourceOf([{ logits: [0, 0] }]));
  expect(score(seen([0, 2000]))).toBeCloseTo(1 / (1 + Math.exp(-2)), 9);
});

it('moves the image by 0.0014 to where the probability of its class grows, outside of a graph and in it', async () => {
  // Logits (x_0 - x_1, x_1 - x_0) of pixels that the network takes as 10 x - 5: the first class wants x_0 up and x_1 down.
  const b = new GraphBuilder('difference');
  const flat = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 1, 2])]);
  const weight = b.initializer('weight', { type: 'float32', dims: [2, 2], data: Float32Array.of(1, -1, -1, 1) });
  b.output(b.op('MatMul', [flat, weight], {}, 'logits'));
  const model = b.build();
  const card = parseCard({ mean: 0.5, deviation: 0.1 });
  const options = { runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'difference', card } as const;
  const classifier = await OnnxClassifier.load(writeModel(model), options);
  const images = { channels: 1, height: 1, width: 2, count: 1, data: Uint8Array.of(204, 51) } as const;
  const fitted = await odin.fit(sourceOf([{ logits: [0, 0] }]));
  const moved = await fitted.moved!(classifier, images);
  expect(moved.data[0]).toBeCloseTo(0.8014, 6);
  expect(moved.data[1]).toBeCloseTo(0.1986, 6);
  // Of logits 10 (0.8014 - 0.1986) and the same with the other sign, by 1000.
  const expected = 1 / (1 + Math.exp((-2 * 6.028) / 1000));
  const { data } = await classifier.logits(moved);
  expect(fitted.score({ logits: data, features: new Float32Array(0) })).toBeCloseTo(expected, 6);
  const guarded = guardModel(model, classifier, fitted, 0.5);
  const session = await nodeRuntime().createSession(writeModel(guarded.model), { device: 'cpu', threads: 1 });
  const { score, accept } = await session.run({
    image: { type: 'float32', dims: [1, 1, 1, 2], data: Float32Array.of(3, -3) },
  });
  expect(score!.data[0]).toBeCloseTo(expected, 6);
  expect(Array.from(accept!.data as Uint8Array)).toEqual([1]);
  await session.dispose();
  await classifier.dispose();
});
