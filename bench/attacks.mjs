/**
 * @file Attacks over the bare gradient session: what batching, counting and the steps themselves cost. And whole attacks
 * over real images.
 */

import { readdir, readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { lower, writeModel } from '@pareidolia/autodiff';
import { attackImages, attackNamed, toFloat } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { describeMachine } from './machine.mjs';
import { dataFolder, gradientOf, loadClassifier, loadModel } from './models.mjs';
import { race, SESSION_OPTIONS } from './timing.mjs';
import { geometricMean } from './versus.mjs';

const CASES = [
  ['mnist-lenet-nguyen2015.onnx', 100],
  ['mnist-lenet5-clean.onnx', 100],
  ['cifar10-resnet20.onnx', 32],
];

const STEPS = 10;

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  print(describeMachine());
  const ratios = [];
  for (const [name, batch] of CASES) ratios.push(await stepOverSession(print, name, batch));
  print(`geometric mean: PGD step over bare gradient graph ${geometricMean(ratios).toFixed(2)}`);
  await wholeAttacks(print);
}

/** The time of a PGD step on a full batch over that of a call of the same gradient graph with nothing around it. */
async function stepOverSession(print, name, batch) {
  const classifier = await loadClassifier(name);
  const { images, labels } = await digitsOrPictures(classifier, batch);
  const session = await bareSession(await loadModel(name));
  const floats = toFloat(images);
  const dims = [batch, images.channels, images.height, images.width];
  const feeds = {
    [session.input]: new ort.Tensor('float32', floats.data, dims),
    classes: new ort.Tensor('int64', BigInt64Array.from(labels, BigInt), [batch]),
  };
  // So small a ball that no image falls, so that all steps are done on the whole batch.
  const options = { norm: 'linf', epsilons: [1e-6], settings: { steps: STEPS }, seed: 1, quantize: false, batch };
  const best = await race(
    {
      bare: async () => {
        for (let step = 0; step < STEPS; step++) await session.run(feeds);
      },
      attack: () => attackImages(classifier, attackNamed('pgd'), images, labels, options),
      looks: async () => {
        for (let look = 0; look < 2; look++) await classifier.logits(floats);
      },
    },
    { rounds: 15, seconds: 20 },
  );
  // Beside its steps the attack looks at the originals and at the last images.
  const steps = best.attack - best.looks;
  print(
    `${name} batch ${batch}: PGD step ${(steps / STEPS).toFixed(2)} ms, bare gradient ${(best.bare / STEPS).toFixed(2)} ms, ` +
      `PGD step over bare gradient graph ${(steps / best.bare).toFixed(2)}`,
  );
  await session.release();
  await classifier.dispose();
  return steps / best.bare;
}

async function bareSession(bytes) {
  const { input, graph } = gradientOf(bytes, true);
  const session = await ort.InferenceSession.create(
    writeModel(lower(graph, await nodeRuntime().target('cpu'))),
    SESSION_OPTIONS,
  );
  return { input: input.name, run: (feeds) => session.run(feeds), release: () => session.release() };
}

async function wholeAttacks(print) {
  const lenet = await loadClassifier('mnist-lenet5-clean.onnx');
  const digits = await digitsOrPictures(lenet, 1000);
  await timed(print, 'PGD-40, Linf .3, 1000 digits, LeNet5', lenet, digits, 'pgd', {
    norm: 'linf',
    epsilons: [0.3],
    batch: 100,
    quantize: false,
  });
  await lenet.dispose();
  const squeezenet = await loadClassifier('squeezenet1.1.onnx');
  const photographs = await photos(squeezenet);
  await timed(
    print,
    `DeepFool L2, ${photographs.labels.length} photographs, SqueezeNet, ten classes a step`,
    squeezenet,
    photographs,
    'deepfool',
    { batch: 10, quantize: false },
  );
  await squeezenet.dispose();
}

async function timed(print, what, classifier, { images, labels }, name, options) {
  const start = performance.now();
  const results = await attackImages(classifier, attackNamed(name), images, labels, { seed: 1, ...options });
  const seconds = (performance.now() - start) / 1000;
  const passes = results.reduce((sum, { queries }) => sum + queries.backward, 0);
  const fallen = results.filter(({ success }) => success).length;
  print(
    `${what}: ${seconds.toFixed(1)} s, ${fallen} of ${results.length} wrong afterwards, ${(passes / seconds).toFixed(0)} gradients/s`,
  );
}

/** The first images of MNIST or CIFAR-10, as the network takes them. */
async function digitsOrPictures({ shape }, count) {
  if (shape.channels === 1) {
    const images = gunzipSync(await readFile(`${dataFolder}/mnist/t10k-images-idx3-ubyte.gz`));
    const labels = gunzipSync(await readFile(`${dataFolder}/mnist/t10k-labels-idx1-ubyte.gz`));
    const data = new Uint8Array(images.subarray(16, 16 + count * 784));
    return { images: { ...shape, count, data }, labels: Int32Array.from(labels.subarray(8, 8 + count)) };
  }
  const records = await readFile(`${dataFolder}/cifar10/test_first1000.bin`);
  const data = new Uint8Array(count * 3072);
  for (let i = 0; i < count; i++) data.set(records.subarray(i * 3073 + 1, (i + 1) * 3073), i * 3072);
  const labels = Int32Array.from({ length: count }, (_, i) => records[i * 3073]);
  return { images: { ...shape, count, data }, labels };
}

/** Photographs cut to the network's size, each with the network's own decision as its class. */
async function photos(classifier) {
  const folder = `${dataFolder}/imagenet/images`;
  const names = (await readdir(folder)).sort();
  const { shape } = classifier;
  const size = shape.channels * shape.height * shape.width;
  const data = new Uint8Array(names.length * size);
  for (const [index, name] of names.entries()) {
    const pixels = await sharp(`${folder}/${name}`)
      .resize(shape.width, shape.height)
      .toColorspace('srgb')
      .raw()
      .toBuffer();
    const plane = shape.height * shape.width;
    for (let c = 0; c < 3; c++) for (let i = 0; i < plane; i++) data[index * size + c * plane + i] = pixels[3 * i + c];
  }
  const images = { ...shape, count: names.length, data };
  const labels = new Int32Array(names.length);
  for (let i = 0; i < names.length; i++) {
    const one = { ...images, count: 1, data: data.subarray(i * size, (i + 1) * size) };
    const { data: logits } = await classifier.logits(one);
    labels[i] = logits.indexOf(Math.max(...logits));
  }
  return { images, labels };
}
