/** @file Runs every extension of this package on the network that ships with Pareidolia. */

import { readFile } from 'node:fs/promises';
import { OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { singleGrey } from './dist/claim.js';

const asset = (name) => readFile(new URL(import.meta.resolve(`@pareidolia/core/assets/lenet-digits${name}`)));
const runtime = nodeRuntime();
const network = await OnnxClassifier.load(new Uint8Array(await asset('.onnx')), {
  card: parseCard(JSON.parse(await asset('.card.json'))),
  runtime,
  device: 'cpu',
  where: 'lenet-digits.onnx',
});

/** What an experiment is given; `npx pareidolia reproduce` has one that writes units down. */
const workbench = {
  budget: 'tiny',
  runtime,
  device: 'cpu',
  threads: 1,
  crops: 1,
  unit: (_key, work) => work({ value: undefined, offer: () => {} }),
  network: async (name) => (name === 'digits' ? network : undefined),
  data: async () => undefined,
  progress: () => {},
  pause: async () => {},
};
const finding = await singleGrey.run(workbench);
console.log(`claim: ${finding.verdict}. ${finding.ours}`);

await network.dispose();
