/** @file The engine in a worker of the page: ONNX Runtime as WebAssembly, or on the graphics card. */

import { localBreeder, type Runtime } from '@pareidolia/core';
import thingsCardUrl from '@pareidolia/core/assets/cnn-things.card.json?url';
import thingsUrl from '@pareidolia/core/assets/cnn-things.onnx?url';
import generatorCardUrl from '@pareidolia/core/assets/gan-digits.card.json?url';
import generatorUrl from '@pareidolia/core/assets/gan-digits.onnx?url';
import digitsCardUrl from '@pareidolia/core/assets/lenet-digits.card.json?url';
import digitsUrl from '@pareidolia/core/assets/lenet-digits.onnx?url';
import { Studio } from '@pareidolia/studio';
import { version } from '@pareidolia/studio/package.json';
import { expose } from 'comlink';
import type { Device, EventMessage, WorkerEngine } from './messages.ts';
import { gpuRuntime, hasGpu, threadCount, wasmRuntime } from './runtime.ts';

/** Lets messages in: a message of our own comes after those that wait. */
const { port1, port2 } = new MessageChannel();
const pausing: (() => void)[] = [];
port1.onmessage = () => pausing.shift()?.();
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    pausing.push(resolve);
    port2.postMessage(null);
  });

async function start(wanted: Device): Promise<Studio> {
  const missing: string[] = [];
  const gpu = wanted === 'webgpu' && (await hasGpu());
  if (wanted === 'webgpu' && !gpu) missing.push('The processor is used: this browser has no WebGPU adapter.');
  if (!gpu && !crossOriginIsolated) {
    missing.push('One thread only: the page is not isolated from other origins yet; reload it once.');
  }
  const runtime: Runtime = gpu ? await gpuRuntime() : await wasmRuntime();
  const studio = new Studio({
    host: {
      version,
      engine: 'page',
      runtime,
      device: gpu ? 'webgpu' : 'cpu',
      threads: threadCount(),
      missing,
      pause,
      now: () => performance.now(),
      emit: (event) => postMessage({ event } satisfies EventMessage),
      breeder: localBreeder,
    },
  });
  await loadEmbedded(studio, 'lenet-digits.onnx', digitsUrl, digitsCardUrl, { kind: 'embedded', words: '' });
  // Commands know it by a name, as if it were a file.
  await loadEmbedded(studio, 'cnn-things.onnx', thingsUrl, thingsCardUrl, { kind: 'file', words: '--model things' });
  const { bytes, card } = await fetched(generatorUrl, generatorCardUrl);
  await studio.generators.load('gan-digits.onnx', bytes, 'it is embedded as one', card);
  return studio;
}

async function loadEmbedded(
  studio: Studio,
  name: string,
  modelUrl: string,
  cardUrl: string,
  source: { readonly kind: 'embedded' | 'file'; readonly words: string },
): Promise<void> {
  const { bytes, card } = await fetched(modelUrl, cardUrl);
  await studio.models.load(name, bytes, card, { ...source, cardOrigin: 'embedded with the network' });
}

/** A network that is part of the page, with its card. */
async function fetched(url: string, cardUrl: string): Promise<{ readonly bytes: Uint8Array; readonly card: unknown }> {
  const [bytes, card] = await Promise.all([
    fetch(url).then((response) => response.arrayBuffer()),
    fetch(cardUrl).then((response) => response.json()),
  ]);
  return { bytes: new Uint8Array(bytes), card };
}

let starting: Promise<Studio> | undefined;

const engine: WorkerEngine = {
  start: async (device) => {
    starting = start(device);
    await starting;
  },
  call: async (method, parameters) => {
    if (starting === undefined) throw new Error('The engine was not started');
    return (await starting).call(method, parameters);
  },
};
expose(engine);
