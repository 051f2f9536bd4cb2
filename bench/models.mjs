/** @file The real networks that benches run on; they are skipped where PAREIDOLIA_DATA does not name their folder. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { knownCard, OnnxClassifier } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';

export const dataFolder = process.env.PAREIDOLIA_DATA;

export async function loadModel(name) {
  return new Uint8Array(await readFile(`${dataFolder}/models/${name}`));
}

export async function loadClassifier(name, threads = 2) {
  const bytes = await loadModel(name);
  const card = knownCard(createHash('sha256').update(bytes).digest('hex'));
  return OnnxClassifier.load(bytes, { card, runtime: nodeRuntime(), device: 'cpu', threads, where: name });
}
