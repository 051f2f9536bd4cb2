import { adversarialStep, DISCRIMINATOR, GENERATOR, lower, nonSaturating, writeModel } from '@pareidolia/autodiff';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { furthest, PyTorch, pythonWithTorch, received, type Sent, sent, sentConstants } from '../../testing/pytorch.ts';
import { ganArchitectureNamed } from './architectures/registry.ts';
import { ganNetworks } from './networks.ts';

const ADAM = { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
const BATCH = 12;
const LATENT = 16;

const CASES = [
  ['dcgan', {}],
  ['dcgan', { conditional: true }],
  ['dcgan', { gradientPenalty: 5 }],
  ['mlp', {}],
  ['mlp', { conditional: true, gradientPenalty: 5 }],
] as const satisfies readonly (readonly [string, { conditional?: boolean; gradientPenalty?: number }])[];

describe.skipIf(pythonWithTorch === undefined)('a step of two networks beside PyTorch', () => {
  it.each(CASES)('of %s %j: the weights after two updates are the same to 1e-5', async (name, given) => {
    const { conditional, gradientPenalty } = { conditional: false, gradientPenalty: undefined, ...given };
    const architecture = ganArchitectureNamed(name);
    const shape = { channels: 1, height: 28, width: 28 } as const;
    const width = name === 'dcgan' ? 16 : 32;
    const wanted = {
      shape,
      latent: LATENT,
      width,
      apart: gradientPenalty !== undefined,
      ...(conditional ? { classes: 10 } : {}),
    };
    const networks = ganNetworks(architecture, wanted, 3);
    const penalty = gradientPenalty === undefined ? {} : { gradientPenalty };
    const step = adversarialStep(networks.generator, networks.discriminator, {
      optimizer: ADAM,
      loss: nonSaturating(0.9),
      ...penalty,
    });
    // As it is trained: in the runtime's blocked layout where it takes that.
    const target = await nodeRuntime().target('cpu');
    const graph = lower(step.model, target);
    const isBlocked = graph.graph.nodes.some(({ opType }) => opType === 'com.microsoft.nchwc.Conv');
    expect(isBlocked).toBe(name === 'dcgan' && 'takesLayout' in target && target.takesLayout === true);
    const session = await ort.InferenceSession.create(writeModel(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const torch = new PyTorch(pythonWithTorch!, 'pytorch-gan.py');
    const constants = sentConstants({ [GENERATOR]: networks.generator, [DISCRIMINATOR]: networks.discriminator });
    await torch.ask({ open: { constants, target: 0.9, ...penalty } });
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
      const latent = Float32Array.from({ length: BATCH * LATENT }, () => random.normal());
      const images = Float32Array.from({ length: BATCH * 784 }, () => 2 * random.uniform() - 1);
      const labels = BigInt64Array.from({ length: BATCH }, () => BigInt(random.integer(10)));
      const results = await session.run({
        ...feeds,
        [step.latent]: float(latent, [BATCH, LATENT]),
        [step.images]: float(images, [BATCH, 1, 28, 28]),
        ...(step.labels === undefined ? {} : { [step.labels]: new ort.Tensor('int64', labels, [BATCH]) }),
        [step.learningRate]: float(Float32Array.of(2e-4), []),
        [step.step!]: float(Float32Array.of(number), []),
      });
      const losses = await torch.ask<number[]>({
        step: {
          latent: sent(latent, [BATCH, LATENT]),
          images: sent(images, [BATCH, 1, 28, 28]),
          ...(conditional ? { labels: sent(labels, [BATCH]) } : {}),
        },
      });
      expect(Number(results[step.discriminatorLoss]!.data[0])).toBeCloseTo(losses[0]!, 5);
      expect(Number(results[step.generatorLoss]!.data[0])).toBeCloseTo(losses[1]!, 5);
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
