/** @file Detectors inside of real networks, and beside them. */

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { GraphBuilder, type Model, readModel, writeModel } from '@pareidolia/autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherCard } from '../classifier/card-source/gather-card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { drawDigits, drawThings } from '../dataset/index.ts';
import { InputError } from '../errors.ts';
import { gaussianNoise } from '../garbage/gaussian-noise.ts';
import { type Images, imageSize, sliceImages } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { ortRuntime } from '../runtime/ort.ts';
import type { Runtime, Tensors } from '../runtime/runtime.ts';
import { openFitSource } from './fit-source.ts';
import { guardModel } from './guard-model.ts';
import { DETECTORS } from './registry.ts';
import { scoresOfImages } from './score-images.ts';

const data = process.env.PAREIDOLIA_DATA ?? '';

interface Labelled {
  readonly images: Images;
  readonly labels?: ArrayLike<number>;
}

function mnist(count: number): Labelled {
  const bytes = (name: string): Uint8Array => gunzipSync(readFileSync(`${data}/mnist/${name}`));
  const pixels = bytes('t10k-images-idx3-ubyte.gz').subarray(16, 16 + 784 * count);
  return {
    images: { channels: 1, height: 28, width: 28, count, data: new Uint8Array(pixels) },
    labels: bytes('t10k-labels-idx1-ubyte.gz').subarray(8, 8 + count),
  };
}

function cifar(count: number): Labelled {
  const bytes = readFileSync(`${data}/cifar10/test_first1000.bin`);
  const at = (image: number): Uint8Array => bytes.subarray(3073 * image + 1, 3073 * (image + 1));
  const planes = new Uint8Array(3072 * count);
  for (let image = 0; image < count; image++) planes.set(at(image), 3072 * image);
  return {
    images: { channels: 3, height: 32, width: 32, count, data: planes },
    labels: Array.from({ length: count }, (_, image) => bytes[3073 * image]!),
  };
}

/**
 * Pictures of things as large as ImageNet's networks take them. (Images of noise differ so little in what a layer takes in that the
 * rounding of the network itself, which is not the same on all processors, moves distances by 1e-4.)
 */
function things(count: number): Labelled {
  return { images: drawThings(count, 1, 0, 224).images };
}

/** Images as the network takes them. */
function inputOf({ plan }: OnnxClassifier, images: Images): Tensors[string] {
  const size = imageSize(images);
  const pixels = size / images.channels;
  const values = Float32Array.from({ length: images.data.length }, (_, i) => {
    const channel = Math.floor((i % size) / pixels);
    const from = i - (i % size) + plan.channelOrder[channel]! * pixels + (i % pixels);
    return (images.data[from]! / 255) * plan.scale[channel]! + plan.offset[channel]!;
  });
  const form = plan.form ?? [images.channels, images.height, images.width];
  return { type: 'float32', dims: [images.count, ...form], data: values };
}

async function open(name: string, bytes: Uint8Array, runtime = nodeRuntime()): Promise<OnnxClassifier> {
  const { card } = gatherCard({ where: name, model: readModel(bytes), remedy: '' });
  return OnnxClassifier.load(bytes, { card, runtime, device: 'cpu', threads: 1, where: name });
}

/** Fits every detector that a network allows, folds each, and compares; returns the names of those that were compared. */
async function compareAll(
  classifier: OnnxClassifier,
  file: Model,
  { images, labels }: Labelled,
  runtimes: readonly Runtime[],
): Promise<readonly string[]> {
  const fitted = Math.floor(images.count * 0.8);
  const { source } = await openFitSource(
    classifier,
    async function* () {
      yield { images: sliceImages(images, 0, fitted), labels: labels && Array.from(labels).slice(0, fitted) };
    },
    { count: fitted, seed: 1 },
  );
  const known = sliceImages(images, fitted, images.count);
  const noise = gaussianNoise.make(classifier.shape, 8, Random.stream(2));
  const compared: string[] = [];
  for (const detector of DETECTORS) {
    if (detector.needs === 'features' && source.width === 0) continue;
    if (detector.needsLayer === true && source.layer === undefined) continue;
    const fit = await detector.fit(source).catch((error: unknown) => {
      if (error instanceof InputError) return undefined;
      throw error;
    });
    if (fit === undefined) continue;
    const plain = [
      ...(await scoresOfImages(classifier, [fit], known)),
      ...(await scoresOfImages(classifier, [fit], noise)),
    ].map((scores) => Array.from(scores));
    const largest = Math.max(...plain.flat().map(Math.abs));
    const threshold = Math.fround(plain[0]![0]!);
    const guarded = guardModel(file, classifier, fit, threshold);
    const bytes = writeModel(guarded.model);
    for (const runtime of runtimes) {
      const session = await runtime.createSession(bytes, { device: 'cpu', threads: 1 });
      for (const [place, some] of [known, noise].entries()) {
        const outputs = await session.run({ [classifier.ends.input]: inputOf(classifier, some) });
        const scores = Array.from(outputs[guarded.score]!.data as Float32Array);
        expect(outputs[guarded.score]!.dims).toEqual([some.count]);
        scores.forEach((score, i) => {
          expect(Math.abs(score - plain[place]![i]!) / largest, `${detector.name} on ${runtime.name}`).toBeLessThan(
            1e-5,
          );
        });
        const accepted = Array.from(outputs[guarded.accept]!.data as Uint8Array, Boolean);
        expect(accepted).toEqual(scores.map((score) => score >= threshold));
        const logits = await classifier.logits(some);
        const own = outputs[classifier.ends.output]!.data as Float32Array;
        if (classifier.reading.logits === 'output') {
          own.forEach((logit, i) => {
            expect(logit).toBeCloseTo(logits.data[i]!, 3);
          });
        }
      }
      await session.dispose();
    }
    compared.push(detector.name);
  }
  return compared;
}

const ALL = DETECTORS.map(({ name }) => name);

describe('a guarded model', () => {
  const bytes = new Uint8Array(readFileSync(new URL('../../assets/lenet-digits.onnx', import.meta.url)));
  let classifier: OnnxClassifier;

  beforeAll(async () => {
    classifier = await open('lenet-digits', bytes);
  });

  afterAll(() => classifier.dispose());

  it('scores as the detector beside the network does, in Node and in WebAssembly', async () => {
    const web = await import('onnxruntime-web/wasm');
    web.env.logLevel = 'fatal';
    web.env.wasm.numThreads = 1;
    const { images, labels } = drawDigits(400, 1);
    const runtimes = [nodeRuntime(), ortRuntime(web as never, 'onnxruntime-web', ['cpu'])];
    expect(await compareAll(classifier, readModel(bytes), { images, labels }, runtimes)).toEqual(ALL);
  });

  it('keeps outputs and metadata, has standard operators alone, and is read as the same classifier', async () => {
    const file = { ...readModel(bytes), metadata: new Map([['who', 'we']]) };
    const fit = await DETECTORS[2]!.fit((await sourceOfDigits(classifier)).source);
    const { model } = guardModel(file, classifier, fit, 1);
    expect(model.graph.outputs.map(({ name, type }) => [name, type])).toEqual([
      ...file.graph.outputs.map(({ name, type }) => [name, type]),
      ['score', 'float32'],
      ['accept', 'bool'],
    ]);
    const again = readModel(writeModel(model));
    expect(again.metadata?.get('who')).toBe('we');
    expect(again.graph.nodes.filter(({ opType }) => opType.includes('.'))).toEqual([]);
    const other = await open('guarded', writeModel(model));
    const { images } = drawDigits(5, 3);
    expect((await other.logits(images)).data).toEqual((await classifier.logits(images)).data);
    await other.dispose();
  });

  it('gives its outputs other names where these are taken', async () => {
    const b = GraphBuilder.from(readModel(bytes), { skip: 'outputs' });
    const [output] = readModel(bytes).graph.outputs;
    b.op('Identity', [output!.name], {}, 'score');
    b.output('score');
    const taken = b.build();
    const named = await open('taken', writeModel(taken));
    const fit = await DETECTORS[2]!.fit((await sourceOfDigits(named)).source);
    const guarded = guardModel(taken, named, fit, 1);
    expect(guarded.score).not.toBe('score');
    expect(guarded.accept).toBe('accept');
    await named.dispose();
  });
});

async function sourceOfDigits(classifier: OnnxClassifier) {
  const { images, labels } = drawDigits(60, 1);
  return openFitSource(
    classifier,
    async function* () {
      yield { images, labels };
    },
    { count: 60, seed: 1 },
  );
}

const NEED_LAYER = DETECTORS.flatMap(({ name, needsLayer }) => (needsLayer === true ? [name] : []));

describe.skipIf(!existsSync(`${data}/models`))('folded into networks of others (PAREIDOLIA_DATA)', () => {
  it.each([
    ['mnist-lenet5-clean', () => mnist(500), ALL],
    // Many of its features are never active, so that nothing lies outside of the principal subspace.
    ['mnist-kw-eps01', () => mnist(400), ALL.filter((name) => name !== 'vim')],
    ['mnist-oe-baseline', () => mnist(400), ALL],
    ['cifar10-resnet20', () => cifar(400), ALL],
    // Too few images for a residual, and of some classes for a tail.
    ['cifar10-cct-4_3x1', () => cifar(80), ALL.filter((name) => name !== 'openmax' && name !== 'vim')],
    // Its layer is no product of the features, and its classes are not all there.
    [
      'squeezenet1.1',
      () => things(65),
      ALL.filter((name) => !NEED_LAYER.includes(name) && !/^(relative-)?mahalanobis|openmax/.test(name)),
    ],
  ])('%s scores within 1e-5 of the largest score', async (name, make, expected) => {
    const bytes = new Uint8Array(readFileSync(`${data}/models/${name}.onnx`));
    const classifier = await open(name, bytes);
    expect(await compareAll(classifier, readModel(bytes), make(), [nodeRuntime()])).toEqual(expected);
    await classifier.dispose();
  });
});
