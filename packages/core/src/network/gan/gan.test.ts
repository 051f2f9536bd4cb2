import { nonSaturating, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.ts';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { GAN_OPTIMIZER } from '../recipe.ts';
import type { TrainingState } from '../training.ts';
import { GAN_ARCHITECTURES, ganArchitectureNamed } from './architectures/registry.ts';
import { type GanNetworks, ganNetworks, withProbability } from './networks.ts';
import { generateImages } from './sampling.ts';
import { type GanEpoch, type GanOptions, trainGan } from './trainer.ts';

const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 1 } as const;
const shape = { channels: 1, height: 16, width: 16 } as const;

/** Images of 16 x 16 with a bright half, left or right. */
function halves(count: number): Dataset {
  const random = Random.stream(9);
  const labels = Int32Array.from({ length: count }, () => random.integer(2));
  const data = Uint8Array.from({ length: count * 256 }, (_, i) => {
    const half = i % 16 < 8 ? 0 : 1;
    return (labels[Math.floor(i / 256)] === half ? 180 : 0) + random.integer(60);
  });
  return { name: 'halves', classNames: ['left', 'right'], images: { ...shape, count, data }, labels };
}

const dataset = halves(96);

function optionsFor(name: string, conditional = false, width = 4): GanOptions {
  const wanted = { shape, latent: 4, width, apart: false, ...(conditional ? { classes: 2 } : {}) };
  return {
    networks: ganNetworks(ganArchitectureNamed(name), wanted, 1),
    dataset,
    runtime,
    session,
    epochs: 3,
    batch: 20,
    seed: 1,
    optimizer: GAN_OPTIMIZER,
    loss: nonSaturating(0.9),
    learningRate: { kind: 'cosine', base: 1e-3 },
    latents: 'normal',
  };
}

function bytesOf({ generator, discriminator }: GanNetworks): Uint8Array {
  return Buffer.concat([writeModel(generator), writeModel(discriminator)]);
}

describe.each(GAN_ARCHITECTURES.map(({ name }) => name))('training of %s', (name) => {
  it('gives the same bytes for the same seed, others for another, and the same again where it was interrupted', async () => {
    const options = optionsFor(name);
    const whole = bytesOf((await trainGan(options)).networks);
    expect(Buffer.compare(bytesOf((await trainGan(options)).networks), whole)).toBe(0);
    expect(Buffer.compare(bytesOf((await trainGan({ ...options, seed: 2 })).networks), whole)).not.toBe(0);
    // Within an epoch of 5 steps, and between two.
    for (const steps of [3, 5]) {
      let done = 0;
      const signal = { aborted: false };
      const first = await trainGan({
        ...options,
        signal,
        onStep: () => {
          signal.aborted = ++done === steps;
        },
      });
      expect(first.complete).toBe(false);
      expect(first.state.step).toBe(steps);
      const rest = await trainGan({ ...options, resume: first.state });
      expect(Buffer.compare(bytesOf(rest.networks), whole)).toBe(0);
    }
  });

  it('by class makes images of the class that is asked for', async () => {
    const options = {
      ...optionsFor(name, true, name === 'mlp' ? 64 : 8),
      epochs: name === 'mlp' ? 300 : 100,
      batch: 32,
    };
    const { networks } = await trainGan(options);
    const count = 100;
    const made = await generateImages(
      networks.generator,
      shape,
      { count, seed: 3, latents: 'normal', classes: 2 },
      runtime,
      session,
    );
    let right = 0;
    for (let place = 0; place < count; place++) {
      const sums = [0, 0];
      made.data.subarray(place * 256, (place + 1) * 256).forEach((value, i) => {
        sums[i % 16 < 8 ? 0 : 1]! += value;
      });
      if (sums[place % 2]! > sums[1 - (place % 2)]!) right++;
    }
    expect(right).toBeGreaterThan(90);
  });
});

it('an epoch tells the means over its steps, and has the networks as they are', async () => {
  const epochs: GanEpoch[] = [];
  const losses: number[] = [];
  let state: TrainingState | undefined;
  await trainGan({
    ...optionsFor('mlp'),
    batch: 32,
    epochs: 1,
    onStep: ({ discriminatorLoss }) => losses.push(discriminatorLoss),
    onEpoch: (epoch) => {
      epochs.push(epoch);
      state = epoch.state;
    },
  });
  expect(epochs).toHaveLength(1);
  expect(epochs[0]!.discriminatorLoss).toBeCloseTo((losses[0]! + losses[1]! + losses[2]!) / 3, 6);
  const weight = epochs[0]!.networks.generator.graph.initializers.get('hidden1.weight')!.data;
  expect(weight).toBe(state!.parameters['generator.hidden1.weight']!.data);
});

it.each(['dcgan', 'mlp'])(
  '%s: with an average, the generator is the weighted mean of what it was after each step',
  async (name) => {
    const decay = 0.8;
    const options = { ...optionsFor(name), batch: 32, epochs: 2, average: decay };
    // Without an average, and stopped after 1, 2 ... 6 steps: it looks at nothing of the average.
    const weights: TrainingState[] = [];
    const { average: _, ...last } = options;
    for (let steps = 1; steps <= 6; steps++) {
      const signal = { aborted: false };
      let done = 0;
      const { state } = await trainGan({
        ...last,
        signal,
        onStep: () => {
          signal.aborted = ++done === steps;
        },
      });
      weights.push(state);
    }
    const { networks, state } = await trainGan(options);
    expect(state.step).toBe(6);
    const whole = 1 - decay ** 6;
    for (const slot of Object.keys({ ...state.parameters, ...state.statistics })) {
      if (!slot.startsWith('generator.')) continue;
      const found = networks.generator.graph.initializers.get(slot.slice('generator.'.length))!.data as Float32Array;
      found.forEach((value, i) => {
        const mean = weights.reduce((sum, { parameters, statistics }, place) => {
          const { data } = (parameters[slot] ?? statistics[slot])!;
          return sum + ((1 - decay) * decay ** (5 - place) * Number(data[i])) / whole;
        }, 0);
        expect(Math.abs(value - mean)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(mean)));
      });
    }
    const signal = { aborted: false };
    const first = await trainGan({
      ...options,
      signal,
      onStep: ({ step }) => {
        signal.aborted = step === 2;
      },
    });
    const rest = await trainGan({ ...options, resume: first.state });
    expect(Buffer.compare(bytesOf(rest.networks), bytesOf(networks))).toBe(0);
  },
);

it('a discriminator as it is written gives the sigmoid of its logit', () => {
  const { discriminator } = ganNetworks(ganArchitectureNamed('mlp'), { shape, latent: 4, width: 4, apart: false }, 1);
  const { graph } = withProbability(discriminator);
  expect(graph.outputs.map(({ name }) => name)).toEqual(['real']);
  expect(graph.nodes.at(-1)).toMatchObject({ opType: 'Sigmoid', inputs: ['logit'], outputs: ['real'] });
});

describe('refused is', () => {
  const wanted = { latent: 4, width: 4, apart: false };

  it.each([
    ['dcgan', { channels: 1, height: 30, width: 30 }, /multiples of 4 from 16 to 128, not 30x30; resize them/],
    ['dcgan', { channels: 1, height: 8, width: 8 }, /not 8x8/],
    ['dcgan', { channels: 3, height: 256, width: 256 }, /not 256x256/],
    ['mlp', { channels: 3, height: 100, width: 100 }, /up to 64x64 pixels in color, not 100x100/],
  ] as const)('%s for images of %j', (name, own, sentence) => {
    const ask = () => ganNetworks(ganArchitectureNamed(name), { ...wanted, shape: own }, 1);
    expect(ask).toThrow(InputError);
    expect(ask).toThrow(sentence);
  });

  it('an architecture that there is not', () => {
    expect(() => ganArchitectureNamed('stylegan')).toThrow(
      'There is no architecture "stylegan"; choose one of dcgan, mlp',
    );
  });

  it('an average that would never follow', async () => {
    await expect(trainGan({ ...optionsFor('mlp'), average: 1 })).rejects.toThrow(
      'average is 1; give a decay from 0 to below 1',
    );
  });

  it('a dataset of other images', async () => {
    const options = optionsFor('mlp');
    const other = { ...dataset, images: { ...dataset.images, height: 8, width: 32 } };
    await expect(trainGan({ ...options, dataset: other })).rejects.toThrow(
      /takes images of 1x16x16, those of halves are 1x8x32/,
    );
  });
});
