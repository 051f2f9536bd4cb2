#!/usr/bin/env node
/**
 * @file The figures of two papers on MNIST beside ours (a quarter of an hour on two cores; `npm run build` first).
 *
 * Goodfellow, Shlens and Szegedy 2015 (arXiv 1412.6572): error under the fast gradient sign method at .25 and mean
 * confidence in these errors, of softmax regression and of maxout networks, the latter also trained on adversarial examples.
 * Szegedy et al. 2014 (arXiv 1312.6199): average minimal distortion sqrt(mean d^2) found by box-constrained L-BFGS.
 */

import { readFile } from 'node:fs/promises';
import { writeModel } from '@pareidolia/autodiff';
import {
  attackImages,
  attackNamed,
  evaluate,
  idxDataset,
  imageSize,
  MAXOUT,
  maxout,
  mlp,
  OnnxClassifier,
  Random,
  sliceDataset,
  train,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { dataFolder } from './models.mjs';

const EPSILON = 0.25;
/** Test images whose minimal distortion is searched for. */
const DISTORTED = 200;
const SHAPE = { channels: 1, height: 28, width: 28 };
const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 2 };

if (dataFolder === undefined) {
  console.error('PAREIDOLIA_DATA does not say where mnist/ is; set it to the folder that holds it');
  process.exit(2);
}
const whole = await mnist('train');
const data = {
  train: sliceDataset(whole, 0, 55_000),
  validation: sliceDataset(whole, 55_000, 60_000),
  test: await mnist('t10k'),
};

console.log(
  '\n| network | trained | clean error | error under FGSM .25 | confidence in errors | published | in 8 bits |',
);
console.log('|---|---|---|---|---|---|---|');
await goodfellow('softmax regression', mlp(SHAPE, [], 10, 1), { epochs: 10, rate: 0.1 }, '99.9 % at 79.3 %');
await goodfellow('maxout', maxout(SHAPE, MAXOUT, 10, 1), { epochs: 6, rate: 0.05 }, '89.4 % at 97.6 %');
const adversarial = { kind: 'fgsm', epsilon: EPSILON };
await goodfellow('maxout, adversarial', maxout(SHAPE, MAXOUT, 10, 1), { epochs: 6, rate: 0.05, adversarial }, '17.9 %');

console.log(`\n| network | clean error | any other class | a random other class | published |`);
console.log('|---|---|---|---|---|');
await szegedy('FC10(1e-4)', mlp(SHAPE, [], 10, 1), { epochs: 10, rate: 0.1, weightDecay: 1e-4 }, '.062');
await szegedy('FC100-100-10', mlp(SHAPE, [100, 100], 10, 1), { epochs: 10, rate: 0.05, weightDecay: 1e-5 }, '.058');

async function mnist(part) {
  const file = async (kind) => {
    const name = `${dataFolder}/mnist/${part}-${kind}-ubyte.gz`;
    return { name, bytes: new Uint8Array(await readFile(name)) };
  };
  return idxDataset(`mnist-${part}`, await file('images-idx3'), await file('labels-idx1'));
}

/** Trains on images as they are, without distortion; gives a classifier and how it was made. */
async function trained(model, { epochs, rate, weightDecay = 0, adversarial }) {
  const start = performance.now();
  const result = await train({
    model,
    dataset: data.train,
    validation: data.validation,
    runtime,
    session,
    epochs,
    batch: 100,
    seed: 1,
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay },
    learningRate: { kind: 'cosine', base: rate },
    ...(adversarial === undefined ? {} : { adversarial }),
    onEpoch: ({ epoch, meanLoss, validation }) =>
      console.error(
        `epoch ${epoch}/${epochs}  loss ${meanLoss.toFixed(4)}  validation ${percent(validation.correct / validation.count)}`,
      ),
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const { correct, count } = await evaluate(result.model, data.test, runtime, session);
  const classifier = await OnnxClassifier.load(writeModel(result.model), {
    runtime,
    ...session,
    where: model.graph.name,
  });
  return { classifier, cleanError: 1 - correct / count, how: `${epochs} epochs, ${seconds} s` };
}

async function goodfellow(name, model, recipe, published) {
  const { classifier, cleanError, how } = await trained(model, recipe);
  const [floats, bytes] = [await underFgsm(classifier, false), await underFgsm(classifier, true)];
  console.log(
    `| ${name} | ${how} | ${percent(cleanError)} | ${percent(floats.error)} | ${percent(floats.confidence)} | ${published} | ` +
      `${percent(bytes.error)} at ${percent(bytes.confidence)} |`,
  );
  await classifier.dispose();
}

/** Error on the whole test set under attack, and the mean confidence in the wrong answers. */
async function underFgsm(classifier, quantize) {
  const { images, labels } = data.test;
  const results = await attackImages(classifier, attackNamed('fgsm'), images, labels, {
    norm: 'linf',
    epsilons: [EPSILON],
    seed: 1,
    batch: 500,
    quantize,
  });
  const wrong = results.filter(({ success }) => success);
  let confidence = 0;
  for (const { image } of wrong) {
    const { data: logits } = await classifier.logits({ ...SHAPE, count: 1, data: image });
    const top = Math.max(...logits);
    confidence += 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  }
  return { error: wrong.length / images.count, confidence: confidence / wrong.length };
}

async function szegedy(name, model, recipe, published) {
  const { classifier, cleanError } = await trained(model, recipe);
  const { images, labels } = sliceDataset(data.test, 0, DISTORTED);
  const random = Random.stream(1);
  const targets = labels.map((label) => (label + 1 + random.integer(9)) % 10);
  const means = [];
  for (const goal of [{}, { targets }]) {
    const options = { norm: 'l2', seed: 1, batch: 100, quantize: false, ...goal };
    const results = await attackImages(classifier, attackNamed('lbfgs'), images, labels, options);
    const found = results.filter(({ success, initiallyWrong }) => success && !initiallyWrong);
    const failed = results.filter(({ success }) => !success).length;
    if (failed > 0) console.error(`${name}: nothing was found for ${failed} of ${DISTORTED} images`);
    const sum = found.reduce((total, { distances }) => total + distances.l2 / Math.sqrt(imageSize(SHAPE)), 0);
    means.push((sum / found.length).toFixed(4));
  }
  console.log(`| ${name} | ${percent(cleanError)} | ${means.join(' | ')} | ${published} |`);
  await classifier.dispose();
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
