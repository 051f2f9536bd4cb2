/**
 * @file A LeNet training step (batch 128, SGD with momentum) beside the same in PyTorch on two threads, where a Python
 * that can import torch is found (Debian: python3-torch). Aim: at least 0.9 of PyTorch's images per second.
 */

import { lower, trainingStep, writeModel } from '@pareidolia/autodiff';
import { lenet, Random } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import * as ort from 'onnxruntime-node';
import { describeMachine } from './machine.mjs';
import { startPyTorch } from './pytorch.mjs';
import { SESSION_OPTIONS } from './timing.mjs';
import { versus } from './versus.mjs';

const BATCH = 128;

export async function bench(print) {
  print(describeMachine());
  const torch = await startPyTorch(print);
  await torch?.ask({ training: BATCH });
  const { ours, theirs } = (await versus({ training: openTraining }, torch)).alone;
  torch?.close();
  const speed = (milliseconds) => ((1000 * BATCH) / milliseconds).toFixed(0);
  print(`LeNet step, batch ${BATCH}: ${ours.training.toFixed(1)} ms, ${speed(ours.training)} images/s`);
  if (torch === undefined) return;
  print(
    `PyTorch: ${theirs.training.toFixed(1)} ms, ${speed(theirs.training)} images/s; ` +
      `ours is ${(theirs.training / ours.training).toFixed(2)} times as fast (aim >= 0.9)`,
  );
}

/** A session that trains: each run takes the parameters that the last one gave. */
async function openTraining() {
  const network = lenet({ channels: 1, height: 28, width: 28 }, 10, 1);
  const step = trainingStep(network, { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 } });
  const session = await ort.InferenceSession.create(
    writeModel(lower(step.model, await nodeRuntime().target('cpu'))),
    SESSION_OPTIONS,
  );
  const random = Random.stream(1);
  const float = (data, dims) => new ort.Tensor('float32', data, dims);
  const feeds = {
    [step.images]: float(
      Float32Array.from({ length: BATCH * 784 }, () => random.uniform()),
      [BATCH, 1, 28, 28],
    ),
    [step.labels]: new ort.Tensor(
      'int64',
      BigInt64Array.from({ length: BATCH }, () => BigInt(random.integer(10))),
      [BATCH],
    ),
    [step.learningRate]: float(Float32Array.of(0.01), []),
  };
  for (const { name, dims } of step.parameters) feeds[name] = float(network.graph.initializers.get(name).data, dims);
  for (const { name, dims } of step.states)
    feeds[name] = float(new Float32Array(dims.reduce((a, n) => a * n, 1)), dims);
  const run = async () => {
    const next = await session.run(feeds);
    for (const slot of [...step.parameters, ...step.states]) feeds[slot.name] = next[slot.next];
  };
  return { run, release: () => session.release() };
}
