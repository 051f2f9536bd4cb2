import { writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.ts';
import { parseGeneratorCard } from '../../generator/card.ts';
import { Generator } from '../../generator/generator.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { openGraph } from '../../runtime/open.ts';
import { GAN_ARCHITECTURES, ganArchitectureNamed } from '../gan/architectures/registry.ts';
import { generateImages } from '../gan/sampling.ts';
import { VAE_OPTIMIZER } from '../recipe.ts';
import { type VaeNetworks, vaeNetworks, withImages } from './networks.ts';
import { trainVae, type VaeEpoch, type VaeOptions } from './trainer.ts';

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

function optionsFor(name: string, width = 4): VaeOptions {
  return {
    networks: vaeNetworks(ganArchitectureNamed(name), { shape, latent: 4, width }, 1),
    dataset,
    runtime,
    session,
    epochs: 3,
    batch: 20,
    seed: 1,
    optimizer: VAE_OPTIMIZER,
    learningRate: { kind: 'cosine', base: 1e-3 },
  };
}

function bytesOf({ encoder, decoder }: VaeNetworks): Uint8Array {
  return Buffer.concat([writeModel(encoder), writeModel(decoder)]);
}

describe.each(GAN_ARCHITECTURES.map(({ name }) => name))('training of a variational autoencoder of %s', (name) => {
  it('gives the same bytes for the same seed, others for another, and the same again where it was interrupted', async () => {
    const options = optionsFor(name);
    const whole = bytesOf((await trainVae(options)).networks);
    expect(Buffer.compare(bytesOf((await trainVae(options)).networks), whole)).toBe(0);
    expect(Buffer.compare(bytesOf((await trainVae({ ...options, seed: 2 })).networks), whole)).not.toBe(0);
    // Within an epoch of 5 steps, and between two.
    for (const steps of [3, 5]) {
      let done = 0;
      const signal = { aborted: false };
      const first = await trainVae({
        ...options,
        signal,
        onStep: () => {
          signal.aborted = ++done === steps;
        },
      });
      expect(first.complete).toBe(false);
      const rest = await trainVae({ ...options, resume: first.state });
      expect(Buffer.compare(bytesOf(rest.networks), whole)).toBe(0);
    }
  });
});

describe('a variational autoencoder that was trained', () => {
  const epochs: VaeEpoch[] = [];
  const trained = trainVae({
    ...optionsFor('mlp', 64),
    epochs: 200,
    batch: 32,
    learningRate: { kind: 'cosine', base: 5e-3 },
    onEpoch: (epoch) => {
      epochs.push(epoch);
    },
  });

  it('has learned, and the parts of its loss add up', async () => {
    await trained;
    expect(epochs).toHaveLength(200);
    for (const { loss, reconstruction, divergence } of epochs) {
      expect(loss).toBeCloseTo(reconstruction + divergence, 2);
      expect(divergence).toBeGreaterThan(0);
    }
    expect(epochs.at(-1)!.loss).toBeLessThan(0.9 * epochs[0]!.loss);
  });

  it('makes images like those that it learned of random numbers, and Generator.load reads it', async () => {
    const made = await generateImages(
      withImages((await trained).networks.decoder),
      shape,
      { count: 100, seed: 3, latents: 'normal', range: [0, 1] },
      runtime,
      session,
    );
    const card = parseGeneratorCard({ kind: 'generator', latentDistribution: 'normal', range: [0, 1] });
    const bytes = writeModel(withImages((await trained).networks.decoder));
    const generator = await Generator.load(bytes, { where: 'vae', runtime, card });
    expect(generator.latents).toEqual({ dimension: 4, distribution: 'normal' });
    for (const { data } of [made, await generator.sample(100, 5)]) {
      const bright = [0, 0];
      for (let place = 0; place < 100; place++) {
        const sums = [0, 0];
        data.subarray(place * 256, (place + 1) * 256).forEach((value, i) => {
          sums[i % 16 < 8 ? 0 : 1]! += value / 128;
        });
        // Half an image is near 210, half near 30: a difference of 180. Between both kinds there are some in between.
        if (Math.abs(sums[0]! - sums[1]!) > 60) bright[sums[0]! > sums[1]! ? 0 : 1]!++;
      }
      expect(bright[0]! + bright[1]!).toBeGreaterThan(75);
      expect(Math.min(...bright)).toBeGreaterThan(15);
    }
  });

  it('encodes both kinds of images to different places', async () => {
    const { session: open } = await openGraph(runtime, (await trained).networks.encoder, session);
    const data = Float32Array.from(dataset.images.data, (value) => value / 255);
    const { mean, log_variance: logVariance } = await open.run({
      image: { type: 'float32', data, dims: [96, 1, 16, 16] },
    });
    await open.dispose();
    expect(mean!.dims).toEqual([96, 4]);
    expect(logVariance!.dims).toEqual([96, 4]);
    const apart = [0, 1, 2, 3].map((axis) => {
      const of = (label: number) => [...dataset.labels].flatMap((own, i) => (own === label ? [i] : []));
      const at = (places: number[]) =>
        places.reduce((sum, i) => sum + Number(mean!.data[i * 4 + axis]), 0) / places.length;
      return Math.abs(at(of(0)) - at(of(1)));
    });
    expect(Math.max(...apart)).toBeGreaterThan(1);
  });
});

it('refuses a dataset of other images', async () => {
  const other = { ...dataset, images: { ...dataset.images, height: 8, width: 32 } };
  await expect(trainVae({ ...optionsFor('mlp'), dataset: other })).rejects.toThrow(
    /The encoder takes images of 1x16x16, those of halves are 1x8x32/,
  );
});

it('says that a loss is no longer finite', async () => {
  const options = { ...optionsFor('mlp'), learningRate: { kind: 'cosine', base: 1e6 } } as const;
  await expect(trainVae(options)).rejects.toThrow(/The loss is .* at step \d+: choose a smaller learning rate/);
});
