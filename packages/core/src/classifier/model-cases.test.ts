import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { deepfool } from '../attack/algorithms/deepfool.ts';
import { pgd } from '../attack/algorithms/projected-gradient.ts';
import { attackImages } from '../attack/run.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { sliceImages, toFloat } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { parseCard } from './card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const data = process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data');
const folder = join(data, '..', 'cases', 'models');
const runtime: Runtime = nodeRuntime();

const load = (bytes: Uint8Array, where: string): Promise<OnnxClassifier> =>
  OnnxClassifier.load(bytes, { card: parseCard({}), runtime, device: 'cpu', threads: 1, where });
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, `${name}.onnx`)));

/** The network that the case is made of: its logits are the output. */
function withLogitsOut(bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes);
  const last = model.graph.nodes.findIndex(({ outputs }) => outputs.includes('logits'));
  const nodes = model.graph.nodes.slice(0, last + 1);
  return writeModel({
    ...model,
    graph: { ...model.graph, nodes, outputs: [{ name: 'logits', type: 'float32', shape: ['N', 10] }] },
  });
}

const COUNT = 20;
const { images, labels } = drawDigits(COUNT, 20_001);

/** Median distance over the images that the network has right. */
async function deepFoolDistance(classifier: OnnxClassifier): Promise<number> {
  const results = await attackImages(classifier, deepfool, images, labels, {
    norm: 'linf',
    seed: 1,
    batch: COUNT,
    quantize: false,
  });
  const distances = results.flatMap(({ initiallyWrong, distances: own }) => (initiallyWrong ? [] : [own?.linf ?? 1]));
  return distances.sort((a, b) => a - b)[distances.length >> 1]!;
}

async function accuracyUnderPgd(classifier: OnnxClassifier, epsilon: number): Promise<number> {
  const options = { norm: 'linf', epsilons: [epsilon], seed: 1, batch: COUNT, quantize: false } as const;
  const results = await attackImages(classifier, pgd, images, labels, options);
  return results.filter(({ success }) => !success).length / COUNT;
}

describe.skipIf(!existsSync(folder))('networks of shared/cases/models', () => {
  it.each(['silent-softmax-cast', 'silent-ensemble-mean', 'silent-ten-sigmoids'])(
    '%s is as near to its boundaries as the network that it is made of, and falls as that does',
    async (name) => {
      const classifier = await load(bytesOf(name), name);
      const distance = await deepFoolDistance(classifier);
      // Taken for logits, probabilities give 1.
      const plain = await load(withLogitsOut(bytesOf(name)), 'plain');
      expect(distance / (await deepFoolDistance(plain))).toBeCloseTo(1, name.includes('ensemble') ? 1 : 4);
      expect(await accuracyUnderPgd(classifier, 0.15)).toBeLessThanOrEqual(await accuracyUnderPgd(plain, 0.15));
      expect(await accuracyUnderPgd(classifier, 0.15)).toBeLessThan(0.1);
      await plain.dispose();
      await classifier.dispose();
    },
  );

  it('silent-ten-sigmoids has the confidences of the file, which do not add up to 1', async () => {
    const classifier = await load(bytesOf('silent-ten-sigmoids'), 'sigmoids');
    expect(classifier.reading).toMatchObject({ kind: 'sigmoids', logits: 'inside', value: 'logits', from: 'graph' });
    const file = await runtime.createSession(bytesOf('silent-ten-sigmoids'), { device: 'cpu' });
    const { data } = toFloat(images);
    const { p } = await file.run({ image: { type: 'float32', data, dims: [COUNT, 1, 28, 28] } }, ['p']);
    const theirs = p!.data as Float32Array;
    const { data: own } = await classifier.predict(images);
    const { data: logits } = await classifier.logits(images);
    own.forEach((confidence, i) => {
      expect(confidence).toBeCloseTo(theirs[i]!, 5);
      expect(1 / (1 + Math.exp(-logits[i]!))).toBeCloseTo(theirs[i]!, 5);
    });
    await file.dispose();
    await classifier.dispose();
  });

  it('silent-ensemble-mean is found by what comes out', async () => {
    const classifier = await load(bytesOf('silent-ensemble-mean'), 'mean');
    expect(classifier.reading).toMatchObject({ kind: 'probabilities', logits: 'logarithm', from: 'probes' });
    expect(classifier.notices.join()).toMatch(/sum 1 on 5 probe images/);
    await classifier.dispose();
  });

  it('silent-batchnorm-training scores each image as the file does when it is alone', async () => {
    const name = 'silent-batchnorm-training';
    const classifier = await load(bytesOf(name), name);
    expect(classifier.notices.join()).toMatch(/images beside it.* one image at a time/);
    const { data: together } = await classifier.logits(images);
    const file = await runtime.createSession(bytesOf(name), { device: 'cpu' });
    for (let row = 0; row < COUNT; row++) {
      const { data } = toFloat(sliceImages(images, row, row + 1));
      const { logits } = await file.run({ image: { type: 'float32', data, dims: [1, 1, 28, 28] } }, ['logits']);
      [...(logits!.data as Float32Array)].forEach((value, k) => {
        expect(together[10 * row + k]).toBeCloseTo(value, 4);
      });
    }
    await file.dispose();
    await classifier.dispose();
  });

  it('crash-inspect-noise is loaded, has a gradient, and is said to be random', async () => {
    const classifier = await load(bytesOf('crash-inspect-noise'), 'noise');
    expect(classifier.gradientBlockers()).toEqual([]);
    expect(classifier.notices.join()).toMatch(/is random/);
    await classifier.dispose();
  });

  it('refused-one-sigmoid has two classes', async () => {
    const classifier = await load(bytesOf('refused-one-sigmoid'), 'sigmoid');
    expect(classifier.numClasses).toBe(2);
    await classifier.dispose();
  });

  it('crash-open-batch-baked-1 is run on one image at a time', async () => {
    const classifier = await load(bytesOf('crash-open-batch-baked-1'), 'baked');
    expect(classifier.notices.join()).toMatch(/one image at a time/);
    await classifier.dispose();
  });
});
