/** @file Runs every extension of this package on the network that ships with Pareidolia: a line for each. */

import { readFile } from 'node:fs/promises';
import {
  archiveNamed,
  attackImages,
  drawDigits,
  encodingNamed,
  LocalBreeder,
  OnnxClassifier,
  parseCard,
  Scheduler,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { memoryWorkbench } from '@pareidolia/lab';
import { halving } from './dist/attack.js';
import { singleGrey } from './dist/claim.js';
import { weakest } from './dist/emitter.js';
import { blocks } from './dist/encoding.js';

const asset = (name) => readFile(new URL(import.meta.resolve(`@pareidolia/core/assets/lenet-digits${name}`)));
const runtime = nodeRuntime();
const network = await OnnxClassifier.load(new Uint8Array(await asset('.onnx')), {
  card: parseCard(JSON.parse(await asset('.card.json'))),
  runtime,
  device: 'cpu',
  where: 'lenet-digits.onnx',
});

const { images, labels } = drawDigits(20, 1);
const options = { epsilons: [0.25], settings: { steps: 12 }, seed: 1, batch: 20, quantize: true };
const results = await attackImages(network, halving, images, labels, options);
console.log(`attack: ${results.filter(({ success }) => success).length} of ${results.length} digits are misread`);

/** A search for all ten digits, of 30 generations. */
async function search(emitterKind, encodingKind) {
  const encoding = encodingKind.create(network.shape, {});
  const variation = emitterKind.variation(encoding).create(encoding, {});
  const classIndices = network.classNames.map((_, index) => index);
  const emitter = emitterKind.create({ scorer: network, encoding, classIndices, seed: 1, variation }, {});
  const scheduler = new Scheduler({
    scorer: network,
    archive: archiveNamed('classes').create({ classIndices, measures: [], seed: 1 }, {}),
    emitter,
    breeder: new LocalBreeder(encoding, variation, 1),
    seed: 1,
    batch: 100,
  });
  let generation = await scheduler.step();
  while (scheduler.generations < 30) generation = await scheduler.step();
  return generation.median;
}
console.log(`emitter: the median class is ${percent(await search(weakest, encodingNamed('direct')))} certain`);
console.log(`encoding: the median class is ${percent(await search(weakest, blocks))} certain`);

const finding = await singleGrey.run(memoryWorkbench({ budget: 'tiny', runtime, networks: { digits: network } }));
console.log(`claim: ${finding.verdict}. ${finding.ours}`);

await network.dispose();

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
