import { DECODER, ENCODER, lower, variationalStep, writeModel } from '@pareidolia/autodiff';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { furthest, PyTorch, pythonWithTorch, received, type Sent, sent, sentConstants } from '../../testing/pytorch.ts';
import { ganArchitectureNamed } from '../gan/architectures/registry.ts';
import { VAE_OPTIMIZER } from '../recipe.ts';
import { vaeNetworks } from './networks.ts';

const BATCH = 12;
const LATENT = 16;
const LEARNING_RATE = 1e-3;

describe.skipIf(pythonWithTorch === undefined)('a step of a variational autoencoder beside PyTorch', () => {
  it.each([
    ['dcgan', 16],
    ['mlp', 32],
  ])('of %s: the losses, and the weights after two updates, are the same to 1e-5', async (name, width) => {
    const shape = { channels: 1, height: 28, width: 28 } as const;
    const networks = vaeNetworks(ganArchitectureNamed(name), { shape, latent: LATENT, width }, 3);
    const step = variationalStep(networks.encoder, networks.decoder, { optimizer: VAE_OPTIMIZER });
    // As it is trained: in the runtime's blocked layout where it takes that.
    const target = await nodeRuntime().target('cpu');
    const graph = lower(step.model, target);
    const isBlocked = graph.graph.nodes.some(({ opType }) => opType === 'com.microsoft.nchwc.Conv');
    expect(isBlocked).toBe(name === 'dcgan' && 'takesLayout' in target && target.takesLayout === true);
    const session = await ort.InferenceSession.create(writeModel(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const torch = new PyTorch(pythonWithTorch!, 'pytorch-vae.py');
    const constants = sentConstants({ [ENCODER]: networks.encoder, [DECODER]: networks.decoder });
    await torch.ask({ open: { constants, learningRate: LEARNING_RATE } });
    const float = (data: Float32Array, dims: readonly number[]) => new ort.Tensor('float32', data, dims);
    const feeds: Record<string, ort.Tensor> = {};
    for (const slot of [...step.parameters, ...step.statistics]) {
      feeds[slot.name] = float(received(constants[slot.name]!), slot.dims);
    }
    for (const { name: slot, dims } of step.states) {
      feeds[slot] = float(new Float32Array(dims.reduce((a, n) => a * n, 1)), dims);
    }
    for (let number = 1; number <= 2; number++) {
      const random = Random.stream(number);
      const images = Float32Array.from({ length: BATCH * 784 }, () => random.uniform());
      const noise = Float32Array.from({ length: BATCH * LATENT }, () => random.normal());
      const results = await session.run({
        ...feeds,
        [step.images]: float(images, [BATCH, 1, 28, 28]),
        [step.noise]: float(noise, [BATCH, LATENT]),
        [step.learningRate]: float(Float32Array.of(LEARNING_RATE), []),
        [step.step!]: float(Float32Array.of(number), []),
      });
      const losses = await torch.ask<number[]>({
        step: { images: sent(images, [BATCH, 1, 28, 28]), noise: sent(noise, [BATCH, LATENT]) },
      });
      [step.loss, step.reconstruction, step.divergence].forEach((output, place) => {
        // Several hundred nats in float32: to 1e-5 of their size.
        const theirs = losses[place]!;
        expect(Math.abs(Number(results[output]!.data[0]) / theirs - 1), output).toBeLessThan(1e-5);
      });
      for (const slot of [...step.parameters, ...step.states, ...step.statistics])
        feeds[slot.name] = results[slot.next]!;
    }
    const theirs = await torch.ask<Record<string, Sent>>({ constants: true });
    torch.close();
    await session.release();
    for (const { name: slot } of [...step.parameters, ...step.statistics]) {
      const ours = feeds[slot]!.data as Float32Array;
      expect(furthest(ours, received(theirs[slot]!)), slot).toBeLessThan(1e-5);
    }
  });
});
