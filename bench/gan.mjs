/**
 * @file A training step of a generator and a discriminator (batch 64, images of MNIST's shape, Adam for both) beside the same in
 * PyTorch, on two threads and on one, where a Python that can import torch is found (Debian: python3-torch). Aim: at least PyTorch's speed.
 */

import { adversarialStep, lower, nonSaturating, writeModel } from '@pareidolia/autodiff';
import { GAN_OPTIMIZER, ganArchitectureNamed, ganNetworks, Random } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import * as ort from 'onnxruntime-node';
import { describeMachine } from './machine.mjs';
import { startPyTorch } from './pytorch.mjs';
import { SESSION_OPTIONS } from './timing.mjs';
import { versus } from './versus.mjs';

const [BATCH, LATENT, TARGET] = [64, 64, 0.9];
const SHAPE = { channels: 1, height: 28, width: 28 };

export async function bench(print) {
  print(describeMachine());
  for (const [name, gradientPenalty] of [['dcgan'], ['dcgan', 1], ['mlp']]) {
    const torch = await startPyTorch(print, 'pytorch-gan.py');
    const game = newGame(name, gradientPenalty);
    await torch?.ask({ open: { constants: game.sent, target: TARGET, gradientPenalty } });
    await torch?.ask({
      step: { latent: sent(game.latent, [BATCH, LATENT]), images: sent(game.images, [BATCH, 1, 28, 28]) },
    });
    const what = `${name}${gradientPenalty === undefined ? '' : ' with R1'}, ${game.parameters} parameters, batch ${BATCH}`;
    // On a machine that is shared, threads wait for each other, and one thread alone is the fairer comparison.
    for (const threads of [2, 1]) {
      await torch?.ask({ threads });
      const { ours, theirs } = (await versus({ step: () => open(game, threads) }, torch)).alone;
      const rate = ((1000 * BATCH) / ours.step).toFixed(0);
      print(
        `${what}, ${threads === 1 ? 'one thread' : 'two threads'}: ${ours.step.toFixed(1)} ms a step, ${rate} images/s`,
      );
      if (torch === undefined) continue;
      const ratio = (theirs.step / ours.step).toFixed(2);
      print(`  PyTorch: ${theirs.step.toFixed(1)} ms; ours is ${ratio} times as fast (aim >= 1)`);
    }
    torch?.close();
  }
  print(`peak memory of this process, all sessions in turn: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}

function newGame(name, gradientPenalty) {
  const architecture = ganArchitectureNamed(name);
  const apart = gradientPenalty !== undefined;
  const wanted = { shape: SHAPE, latent: LATENT, width: architecture.width, apart };
  const networks = ganNetworks(architecture, wanted, 1);
  const step = adversarialStep(networks.generator, networks.discriminator, {
    optimizer: GAN_OPTIMIZER,
    loss: nonSaturating(TARGET),
    ...(apart ? { gradientPenalty } : {}),
  });
  const random = Random.stream(1);
  const constants = new Map(
    Object.entries(networks).flatMap(([role, { graph }]) =>
      [...graph.initializers].map(([own, value]) => [`${role}.${own}`, value]),
    ),
  );
  const slots = [...step.parameters, ...step.statistics];
  return {
    step,
    constants,
    sent: Object.fromEntries(slots.map((slot) => [slot.name, sent(constants.get(slot.name).data, slot.dims)])),
    parameters: step.parameters.reduce((sum, { dims }) => sum + sizeOf(dims), 0).toLocaleString('en'),
    latent: Float32Array.from({ length: BATCH * LATENT }, () => random.normal()),
    images: Float32Array.from({ length: BATCH * 784 }, () => 2 * random.uniform() - 1),
  };
}

/** A session that trains: each run takes the parameters that the last one gave. */
async function open({ step, constants, latent, images }, threads) {
  const session = await ort.InferenceSession.create(writeModel(lower(step.model, await nodeRuntime().target('cpu'))), {
    ...SESSION_OPTIONS,
    intraOpNumThreads: threads,
  });
  const float = (data, dims) => new ort.Tensor('float32', data, dims);
  const feeds = {
    [step.latent]: float(latent, [BATCH, LATENT]),
    [step.images]: float(images, [BATCH, 1, 28, 28]),
    [step.learningRate]: float(Float32Array.of(2e-4), []),
  };
  for (const { name, dims } of [...step.parameters, ...step.statistics])
    feeds[name] = float(constants.get(name).data, dims);
  for (const { name, dims } of step.states) feeds[name] = float(new Float32Array(sizeOf(dims)), dims);
  let number = 0;
  const run = async () => {
    const next = await session.run({ ...feeds, [step.step]: float(Float32Array.of(++number), []) });
    for (const slot of [...step.parameters, ...step.states, ...step.statistics]) feeds[slot.name] = next[slot.next];
  };
  return { run, release: () => session.release() };
}

function sizeOf(dims) {
  return dims.reduce((product, length) => product * length, 1);
}

function sent(data, dims) {
  return { dims, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
}
