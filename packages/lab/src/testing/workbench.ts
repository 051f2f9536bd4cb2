/** @file A workbench for tests: the embedded network, drawn digits, units in memory. */

import { readFileSync } from 'node:fs';
import { drawDigits, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type MemoryWorkbench, memoryWorkbench } from '../workbench/memory-workbench.ts';

const asset = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../core/assets/${name}`, import.meta.url)));

/** The smallest budget; files of the data folder are not there. */
export async function tinyWorkbench(): Promise<MemoryWorkbench & { dispose(): Promise<void> }> {
  const runtime = nodeRuntime();
  const card = parseCard(JSON.parse(new TextDecoder().decode(asset('lenet-digits.card.json'))));
  const options = { card, runtime, device: 'cpu', threads: 1, where: 'lenet-digits.onnx' } as const;
  const network = await OnnxClassifier.load(asset('lenet-digits.onnx'), options);
  const digits = { train: drawDigits(600, 1), test: drawDigits(100, 1, 600) };
  const bench = memoryWorkbench({ budget: 'tiny', runtime, networks: { digits: network }, data: { digits } });
  return { ...bench, dispose: () => network.dispose() };
}
