/**
 * @file A LeNet training step (batch 128, SGD with momentum) beside the same in PyTorch on two threads, where a Python
 * that can import torch is found (Debian: python3-torch). Aim: at least 0.9 of PyTorch's images per second.
 */

import { spawnSync } from 'node:child_process';
import { trainingStep, writeModel } from '@pareidolia/autodiff';
import { lenet, Random } from '@pareidolia/core';
import * as ort from 'onnxruntime-node';
import { race } from './timing.mjs';

const BATCH = 128;

const PYTORCH = `
import time, torch
torch.set_num_threads(2)
net = torch.nn.Sequential(torch.nn.Conv2d(1, 20, 5), torch.nn.MaxPool2d(2), torch.nn.Conv2d(20, 50, 5),
    torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(800, 500), torch.nn.ReLU(), torch.nn.Linear(500, 10))
sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
x, y, best = torch.rand(${BATCH}, 1, 28, 28), torch.randint(0, 10, (${BATCH},)), 1e9
for _ in range(40):
    start = time.perf_counter()
    sgd.zero_grad()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    sgd.step()
    best = min(best, time.perf_counter() - start)
print(best * 1000)
`;

export async function bench(print) {
  const network = lenet({ channels: 1, height: 28, width: 28 }, 10, 1);
  const step = trainingStep(network, { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 } });
  const session = await ort.InferenceSession.create(writeModel(step.model), {
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
  });
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

  // PyTorch takes turns with us, so that both meet the same neighbours on the machine.
  let ours = Number.POSITIVE_INFINITY;
  let theirs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    ours = Math.min(ours, (await race({ run }, { rounds: 40, seconds: 5 })).run);
    theirs = Math.min(theirs, pytorch() ?? Number.POSITIVE_INFINITY);
  }
  const speed = (milliseconds) => ((1000 * BATCH) / milliseconds).toFixed(0);
  print(`LeNet step, batch ${BATCH}: ${ours.toFixed(1)} ms, ${speed(ours)} images/s`);
  if (Number.isFinite(theirs)) {
    print(
      `PyTorch: ${theirs.toFixed(1)} ms, ${speed(theirs)} images/s; ours is ${(theirs / ours).toFixed(2)} times as fast (aim >= 0.9)`,
    );
  } else print('no Python with torch was found, so there is no ratio');
  await session.release();
}

function pytorch() {
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, ['-c', PYTORCH], { encoding: 'utf8' });
    if (status === 0) return Number(stdout);
  }
  return undefined;
}
