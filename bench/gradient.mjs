/**
 * @file Forward with input gradient over forward alone, on real networks; 2 is what the arithmetic costs. And PyTorch's
 * time over ours, where it is installed.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import {
  differentiate,
  findLogits,
  GraphBuilder,
  logProbabilityObjective,
  readModel,
  upgrade,
  withBatch,
  writeModel,
} from '@pareidolia/autodiff';
import * as ort from 'onnxruntime-node';
import { dataFolder, loadModel } from './models.mjs';
import { startPyTorch } from './pytorch.mjs';
import { race } from './timing.mjs';

const CASES = [
  ['mnist-lenet-nguyen2015.onnx', 128],
  ['mnist-lenet5-clean.onnx', 128],
  ['squeezenet1.1.onnx', 8],
  ['mobilenet_v1_0.25_224.onnx', 8],
  ['cifar10-resnet20.onnx', 32],
  ['cifar10-cct-4_3x1.onnx', 32],
];

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  const torch = startPyTorch();
  print(torch ? await torch.ask({ about: true }) : 'without PyTorch, which is not installed for python3');
  for (const [name, batch] of CASES) {
    const bytes = await loadModel(name);
    const started = performance.now();
    const network = upgrade(withBatch(readModel(bytes)));
    const [input] = network.graph.inputs;
    const b = GraphBuilder.from(network, { skip: 'outputs' });
    const { logits } = findLogits(network, network.graph.outputs[0].name);
    b.input('classes', 'int64', ['N']);
    const objective = logProbabilityObjective(b, logits, 'classes');
    const [gradient] = differentiate(b, logits, objective.cotangent, [input.name]);
    b.output(gradient);
    const differentiated = writeModel(b.build());
    const built = performance.now() - started;

    const options = { intraOpNumThreads: 2, logSeverityLevel: 3 };
    const forward = await ort.InferenceSession.create(writeModel(network), options);
    const backward = await ort.InferenceSession.create(differentiated, options);
    const dims = [batch, ...input.shape.slice(1)];
    const data = Float32Array.from({ length: dims.reduce((a, n) => a * n) }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i));
    const images = new ort.Tensor('float32', data, dims);
    const classes = new ort.Tensor('int64', new BigInt64Array(batch).fill(3n), [batch]);
    const best = await raceWith(torch, `${dataFolder}/models/${name}`, batch, {
      forward: () => forward.run({ [input.name]: images }),
      gradient: () => backward.run({ [input.name]: images, classes }),
    });
    print(
      `${name} batch ${batch}: forward ${best.forward.toFixed(1)} ms, with gradient ${best.gradient.toFixed(1)} ms, ` +
        `ratio ${(best.gradient / best.forward).toFixed(2)}; graph built in ${built.toFixed(0)} ms` +
        (torch
          ? `; PyTorch ${best.torchForward.toFixed(1)} and ${best.torchGradient.toFixed(1)} ms, ` +
            `${(best.torchGradient / best.gradient).toFixed(2)} times as long`
          : ''),
    );
    await forward.release();
    await backward.release();
  }
  torch?.close();
}

/**
 * Races our two graphs, and takes turns with PyTorch. Threads that have worked spin for a while, so each side waits for the
 * other's to rest.
 */
async function raceWith(torch, model, batch, alternatives) {
  const best = {};
  const note = (name, time) => {
    best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, time);
  };
  await torch?.ask({ model, batch });
  const end = performance.now() + 20_000;
  for (let turn = 0; turn < 6; turn++) {
    const times = await race(alternatives, { rounds: 5, seconds: 3 });
    for (const [name, time] of Object.entries(times)) note(name, time);
    if (torch === undefined || performance.now() > end) continue;
    await sleep(50);
    for (let round = 0; round < 2; round++) {
      note('torchForward', await torch.ask({ run: 'forward' }));
      note('torchGradient', await torch.ask({ run: 'gradient' }));
    }
    await sleep(50);
  }
  return best;
}
