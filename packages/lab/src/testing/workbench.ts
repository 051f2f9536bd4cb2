/** @file A workbench for tests: the embedded network, drawn digits, units in memory. */

import { readFileSync } from 'node:fs';
import { OnnxClassifier, drawDigits, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { Bookmark, Recordable, Workbench } from '../workbench/workbench.ts';

const asset = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../core/assets/${name}`, import.meta.url)));

/** Experiments at the smallest budget; files of the data folder are not there. */
export async function tinyWorkbench(): Promise<
  Workbench & { readonly units: ReadonlyMap<string, Recordable>; dispose(): Promise<void> }
> {
  const runtime = nodeRuntime();
  const card = parseCard(JSON.parse(new TextDecoder().decode(asset('lenet-digits.card.json'))));
  const options = { card, runtime, device: 'cpu', threads: 1, where: 'lenet-digits.onnx' } as const;
  const network = await OnnxClassifier.load(asset('lenet-digits.onnx'), options);
  const units = new Map<string, Recordable>();
  const digits = { train: drawDigits(600, 1), test: drawDigits(100, 1, 600) };
  return {
    budget: 'tiny',
    runtime,
    device: 'cpu',
    threads: 1,
    crops: 1,
    units,
    async unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> {
      // A key belongs to one place in the code, which gives it its type.
      if (units.has(key)) return units.get(key) as T;
      const result = await work({ value: undefined, offer: () => {} });
      units.set(key, result);
      return result;
    },
    network: async (name) => (name === 'digits' ? network : undefined),
    data: async (name) => (name === 'digits' ? digits : undefined),
    progress: () => {},
    pause: async () => {},
    dispose: () => network.dispose(),
  };
}
