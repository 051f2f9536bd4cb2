#!/usr/bin/env node
/**
 * @file What training does against garbage and adversarial examples on MNIST, beside published figures (`npm run build` first;
 * hours on a machine that is busy):
 *
 *     node bench/defences.mjs plain noise mixed acet madry trades [--epochs n] [--out folder]
 *
 * Each word trains a LeNet and measures it. Outlier exposure and ACET: AUROC and FPR95 of its confidence against the outliers of
 * Hendrycks, Mazeika and Dietterich 2019, the first also where each outlier is moved within .3 by projected gradient ascent; the
 * share of scaled noise that gets more than 95 % (Hein, Andriushchenko and Bitterwolf 2019). TRADES and Madry: the accuracy under an
 * ensemble of attacks within .3. Networks and figures are written to the folder, and what is there already is measured again
 * without training.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readModel, writeModel } from '@pareidolia/autodiff';
import {
  attackImages,
  attackNamed,
  auroc,
  evaluate,
  falsePositives,
  garbageNamed,
  ImageMover,
  idxDataset,
  imageOutliers,
  isRobust,
  lenet,
  mixedOutliers,
  OnnxClassifier,
  Random,
  selectExamples,
  sliceDataset,
  smoothedNoise,
  toBytes,
  toFloat,
  train,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import * as ort from 'onnxruntime-node';
import { dataFolder } from './models.mjs';

const SHAPE = { channels: 1, height: 28, width: 28 };
const runtime = nodeRuntime();
/** One thread: on a busy machine a second one mostly waits for the first. */
const session = { device: 'cpu', threads: 1 };
/** Test images that the ensemble attacks, and outliers that are moved. */
const [ATTACKED, MOVED] = [100, 100];
/** Searches for what the network is certain of: the first alone, and all of them together. */
const SEARCHES = [
  { steps: 40, stepSize: 0.02, start: 'ball' },
  { steps: 100, stepSize: 0.1, start: 'ball' },
  { steps: 100, stepSize: 0.03, start: 'ball' },
  { steps: 100, stepSize: 0.01, start: 'ball' },
  { steps: 100, stepSize: 0.01, start: 'image' },
];
const ENSEMBLE = ['apgd-ce', 'apgd-t', 'fab-t', 'square'];
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

if (dataFolder === undefined) {
  console.error('PAREIDOLIA_DATA does not say where mnist/ is; set it to the folder that holds it');
  process.exit(2);
}
const words = process.argv.slice(2);
const at = words.indexOf('--out');
const out = at < 0 ? 'defences-out' : words.splice(at, 2)[1];
const epochsAt = words.indexOf('--epochs');
/** Of Madry's and TRADES' training: about 30 minutes of two cores. */
const EPOCHS = epochsAt < 0 ? 20 : Number(words.splice(epochsAt, 2)[1]);
mkdirSync(out, { recursive: true });

const whole = await dataset('mnist', 'train');
const data = { train: sliceDataset(whole, 0, 55_000), test: await dataset('mnist', 't10k') };
const noise = () => smoothedNoise(SHAPE, data.train.images);
const drawings = () =>
  ['kmnist-t10k', 'omniglot-small12', 'quickdraw3'].map((name) =>
    imageOutliers(name, images(`ood28/${name}-images-idx3-ubyte.gz`)),
  );

/** Epochs, and what is learned from; the searches of ACET, Madry and TRADES have fewer steps than the papers', and longer ones. */
const RECIPES = {
  plain: { epochs: 3 },
  noise: { epochs: 1, defences: [{ name: 'outlier-exposure', settings: {} }], outliers: noise },
  mixed: {
    epochs: 2,
    defences: [{ name: 'outlier-exposure', settings: {} }],
    outliers: () => mixedOutliers([noise(), ...drawings()]),
  },
  acet: {
    epochs: 1,
    images: 25_000,
    defences: [{ name: 'acet', settings: { steps: 10 } }],
    outliers: noise,
    adam: true,
  },
  madry: {
    epochs: EPOCHS,
    defences: [{ name: 'adversarial-training', settings: { steps: 7, stepSize: 0.1 } }],
    adam: true,
    robust: true,
  },
  // Beta 1 is that of the authors' script for MNIST.
  trades: {
    epochs: EPOCHS,
    defences: [{ name: 'trades', settings: { beta: 1, steps: 7, stepSize: 0.1 } }],
    adam: true,
    robust: true,
  },
};

const OUTLIERS = {
  'Gaussian noise': () => garbageNamed('gaussian-noise').make(SHAPE, 10_000, Random.stream(1)),
  'Bernoulli noise': () => garbageNamed('binary-noise').make(SHAPE, 10_000, Random.stream(2)),
  'Fashion-MNIST': () => images('fashion-mnist/t10k-images-idx3-ubyte.gz'),
  'negative MNIST': () => ({ ...data.test.images, data: data.test.images.data.map((level) => 255 - level) }),
  'CIFAR-10 in grey': cifar,
};

for (const word of words) {
  const recipe = RECIPES[word];
  if (recipe === undefined) {
    console.error(`There is no recipe ${word}; choose among ${Object.keys(RECIPES).join(', ')}`);
    process.exit(2);
  }
  const path = `${out}/${word}.onnx`;
  const report = { word };
  if (!existsSync(path)) note(word, await trainTo(path, recipe));
  const model = readModel(new Uint8Array(readFileSync(path)));
  const { correct, count } = await evaluate(model, data.test, runtime, session);
  report.clean = correct / count;
  note(word, report);
  if (recipe.robust) await ensemble(word, model);
  else {
    report.outliers = await againstOutliers(model);
    report.scaledNoise = await scaledNoise(path);
  }
  console.log(JSON.stringify(note(word, report)));
}

/** Adds figures to those of a network that are written down. */
function note(word, figures) {
  const path = `${out}/${word}.json`;
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const all = { ...before, ...figures };
  writeFileSync(path, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

async function trainTo(path, { epochs, images: count = 55_000, defences, outliers, adam = false }) {
  const before = process.cpuUsage();
  const start = performance.now();
  const result = await train({
    model: lenet(SHAPE, 10, 1),
    dataset: sliceDataset(data.train, 0, count),
    runtime,
    session,
    epochs,
    batch: 64,
    seed: 1,
    optimizer: adam ? ADAM : { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
    learningRate: { kind: 'cosine', base: adam ? 0.001 : 0.02 },
    ...(defences === undefined ? {} : { defences }),
    ...(outliers === undefined ? {} : { outliers: outliers() }),
    onStep: ({ epoch, step, steps, loss, imagesPerSecond }) => {
      if (step % 100 === 0) {
        console.error(
          `epoch ${epoch}  step ${step}/${steps}  loss ${loss.toFixed(4)}  ${imagesPerSecond.toFixed(0)}/s`,
        );
      }
    },
  });
  writeFileSync(path, writeModel(result.model));
  const { user, system } = process.cpuUsage(before);
  return {
    epochs,
    images: count,
    processorSeconds: (user + system) / 1e6,
    seconds: (performance.now() - start) / 1000,
  };
}

/** AUROC and FPR95 of the largest probability, and AUROC where each outlier is moved to where the network is most certain. */
async function againstOutliers(model) {
  const classifier = await open(model);
  const known = await confidences(classifier, data.test.images);
  const weights = Object.fromEntries(
    [...model.graph.initializers].map(([name, { dims, data }]) => [name, { type: 'float32', dims, data }]),
  );
  const movers = [];
  for (const search of SEARCHES) {
    const movement = { objective: 'confidence', epsilon: 0.3, ...search };
    movers.push(await ImageMover.open(movement, model, Object.keys(weights), runtime, session));
  }
  const figures = {};
  for (const [name, make] of Object.entries(OUTLIERS)) {
    const others = make();
    const scores = await confidences(classifier, others);
    const [once, moved] = [[], []];
    for (let from = 0; from < Math.min(MOVED, others.count); from += 100) {
      const some = { ...others, count: 100, data: others.data.subarray(from * 784, (from + 100) * 784) };
      // Of the image and all that were found the one of which the network is most certain.
      const best = Array.from(scores.subarray(from, from + 100));
      const first = [];
      for (const [place, mover] of movers.entries()) {
        const found = await mover.move(toFloat(some), new Int32Array(100), weights, Random.stream(1, from, place));
        (await confidences(classifier, toBytes(found))).forEach((score, i) => {
          best[i] = Math.max(best[i], score);
        });
        if (place === 0) first.push(...best);
      }
      once.push(...first);
      moved.push(...best);
    }
    figures[name] = {
      auroc: auroc(known, scores),
      fpr95: falsePositives(
        scores.map((score) => -score),
        known.map((score) => -score),
      ).share,
      aurocMoved: auroc(known, Float64Array.from(once)),
      aurocMovedHard: auroc(known, Float64Array.from(moved)),
    };
  }
  for (const mover of movers) await mover.dispose();
  await classifier.dispose();
  return figures;
}

/** The share of uniform noise, times a factor and not clipped, of which the network is more than 95 % certain. */
async function scaledNoise(path) {
  const network = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
  const count = 2000;
  const random = Random.stream(5);
  const noise = Float32Array.from({ length: count * 784 }, () => random.uniform());
  const shares = {};
  for (const factor of [1, 10, 100, 1000]) {
    const images = new ort.Tensor(
      'float32',
      noise.map((value) => factor * value),
      [count, 1, 28, 28],
    );
    const { data } = (await network.run({ [network.inputNames[0]]: images }))[network.outputNames[0]];
    let certain = 0;
    for (let row = 0; row < count; row++) {
      const logits = Array.from(data.subarray(10 * row, 10 * row + 10));
      const top = Math.max(...logits);
      if (1 / logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0) > 0.95) certain++;
    }
    shares[factor] = certain / count;
  }
  await network.release();
  return shares;
}

/**
 * Accuracy on the first test images after each of the attacks of AutoAttack's standard ensemble, in its order, each on what the ones
 * before it left.
 */
async function ensemble(word, model) {
  const classifier = await open(model);
  let left = sliceDataset(data.test, 0, ATTACKED);
  const accuracy = {};
  for (const name of ['pgd', ...ENSEMBLE]) {
    const results = await attackImages(classifier, attackNamed(name), left.images, left.labels, {
      norm: 'linf',
      epsilons: [0.3],
      seed: 1,
      batch: 100,
      quantize: false,
    });
    const robust = results.flatMap((result, place) => (isRobust(result) ? [place] : []));
    accuracy[name] = robust.length / ATTACKED;
    note(word, { ensemble: { images: ATTACKED, accuracy } });
    left = selectExamples(left, robust);
    if (robust.length === 0) break;
  }
  await classifier.dispose();
}

/** CIFAR-10 at 28 x 28 as Pillow resizes it (a triangle as wide as 8/7 pixels to each side), then in grey, as theirs is. */
function cifar() {
  const bytes = readFileSync(`${dataFolder}/cifar10/test_first1000.bin`);
  const count = bytes.length / 3073;
  const data = new Uint8Array(count * 784);
  const scale = 32 / 28;
  const taps = Array.from({ length: 28 }, (_, i) => {
    const middle = (i + 0.5) * scale;
    const weights = Array.from({ length: 32 }, (_, at) => Math.max(0, 1 - Math.abs(at + 0.5 - middle) / scale));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.flatMap((weight, at) => (weight > 0 ? [[at, weight / sum]] : []));
  });
  for (let image = 0; image < count; image++) {
    for (let i = 0; i < 784; i++) {
      let grey = 0;
      for (const [channel, share] of [0.299, 0.587, 0.114].entries()) {
        const plane = image * 3073 + 1 + channel * 1024;
        for (const [y, down] of taps[Math.floor(i / 28)]) {
          for (const [x, across] of taps[i % 28]) grey += share * down * across * bytes[plane + y * 32 + x];
        }
      }
      data[image * 784 + i] = Math.round(grey);
    }
  }
  return { ...SHAPE, count, data };
}

function open(model) {
  return OnnxClassifier.load(writeModel(model), { runtime, ...session, where: 'the network' });
}

async function confidences(classifier, images) {
  const { data, numClasses } = await classifier.predict(images);
  return Float64Array.from({ length: images.count }, (_, row) =>
    Math.max(...data.subarray(row * numClasses, (row + 1) * numClasses)),
  );
}

function images(file) {
  const pixels = gunzipSync(readFileSync(`${dataFolder}/${file}`)).subarray(16);
  return { ...SHAPE, count: pixels.length / 784, data: new Uint8Array(pixels) };
}

function dataset(folder, part) {
  const file = (kind) => {
    const name = `${dataFolder}/${folder}/${part}-${kind}-ubyte.gz`;
    return { name, bytes: new Uint8Array(readFileSync(name)) };
  };
  return idxDataset(`${folder}-${part}`, file('images-idx3'), file('labels-idx1'));
}
