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
const TURNS = 4;
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
    const { ours, theirs } = (await versus({ step: () => open(game, 2) }, torch)).alone;
    compare(print, `${what}, two threads`, 'ms', ours.step, theirs.step);
    // Threads wait for each other where a machine is shared; the processor time of one thread does not depend on that.
    const alone = await processorTimes(game, torch);
    compare(print, `${what}, one thread`, 'ms of processor time', alone.ours, alone.theirs);
    torch?.close();
  }
  print(`peak memory of this process, all sessions in turn: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}

function compare(print, what, unit, ours, theirs) {
  print(`${what}: ${ours.toFixed(1)} ${unit} a step, ${((1000 * BATCH) / ours).toFixed(0)} images/s`);
  if (theirs === undefined) return;
  print(`  PyTorch: ${theirs.toFixed(1)} ${unit}; ours is ${(theirs / ours).toFixed(2)} times as fast (aim >= 1)`);
}

/** The least processor time of a step on one thread, in milliseconds; the two take turns. */
async function processorTimes(game, torch) {
  await torch?.ask({ threads: 1 });
  const { run, release } = await open(game, 1);
  const spent = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let [ours, theirs] = [Number.POSITIVE_INFINITY, torch && Number.POSITIVE_INFINITY];
  for (let turn = 0; turn < TURNS; turn++) {
    for (let step = 0; step < 3; step++) {
      const before = spent();
      await run();
      ours = Math.min(ours, spent() - before);
      if (torch !== undefined) theirs = Math.min(theirs, await torch.ask({ run: 'step', clock: 'processor' }));
    }
  }
  await release();
  return { ours, theirs };
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
