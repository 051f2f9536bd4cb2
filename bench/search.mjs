/**
 * @file Throughput of the whole loop (breeding on worker threads, scoring, archive) over the bare ONNX Runtime session at
 * the same batch on the same threads. 1 is the limit. Aims: 0.8 for direct and CPPN on LeNet, 0.9 for CPPN on SqueezeNet.
 */

import { openSearch, resolveSearch } from '@pareidolia/core';
import * as ort from 'onnxruntime-node';
import { WorkerBreeder } from '../packages/cli/dist/workers/breeder.js';
import { dataFolder, loadClassifier, loadModel } from './models.mjs';
import { SESSION_OPTIONS } from './timing.mjs';

const THREADS = 2;
const CASES = [
  { model: 'mnist-lenet-nguyen2015.onnx', encoding: 'direct', batch: 200, slice: 10 },
  { model: 'mnist-lenet-nguyen2015.onnx', encoding: 'cppn', batch: 200, slice: 10 },
  { model: 'squeezenet1.1.onnx', encoding: 'cppn', batch: 200, slice: 1 },
];
const ROUNDS = 12;

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  for (const { model, encoding, batch, slice } of CASES) {
    const session = await ort.InferenceSession.create(await loadModel(model), {
      ...SESSION_OPTIONS,
      intraOpNumThreads: THREADS,
    });
    const classifier = await loadClassifier(model, THREADS);
    const { shape } = classifier;
    const { channels, height, width } = shape;
    const search = openSearch(resolveSearch({ encoding, batch }, { channels, height, width }), {
      scorer: classifier,
      classIndices: Array.from({ length: classifier.numClasses }, (_, i) => i),
      seed: 1,
      breeder: (spec, seed) => new WorkerBreeder(spec, seed, THREADS),
    });
    const step = () => search.scheduler.step();
    const data = Float32Array.from({ length: batch * channels * height * width }, (_, i) => (i * 7919) % 256);
    const tensor = new ort.Tensor('float32', data, [batch, channels, height, width]);
    const bare = () => session.run({ [session.inputNames[0]]: tensor });
    await bare();
    await step();

    // Turn by turn, so that both meet the same neighbours on the machine; the best round of each counts.
    const best = { bare: 0, loop: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      best.bare = Math.max(best.bare, await rate(bare, slice, batch));
      best.loop = Math.max(best.loop, await rate(step, slice, batch));
    }
    print(
      `${encoding} on ${model}, batch ${batch}: ${best.loop.toFixed(0)} evaluations/s, ` +
        `bare session ${best.bare.toFixed(0)} images/s, ratio ${(best.loop / best.bare).toFixed(2)}`,
    );
    await search.dispose();
    await classifier.dispose();
    await session.release();
  }
}

async function rate(run, times, batch) {
  const start = performance.now();
  for (let i = 0; i < times; i++) await run();
  return (1000 * times * batch) / (performance.now() - start);
}
