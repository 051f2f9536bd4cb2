import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ganArchitectureNamed } from '../network/gan/architectures/registry.ts';
import { ganNetworks } from '../network/gan/networks.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { parseGeneratorCard } from './card.ts';
import { Decoder } from './decoder.ts';
import { Generator } from './generator.ts';

const runtime = nodeRuntime();
const shape = { channels: 1, height: 16, width: 16 } as const;

const conditional = (name: string): Uint8Array => {
  const wanted = { shape, latent: 4, width: 8, apart: false, classes: 3 };
  return writeModel(ganNetworks(ganArchitectureNamed(name), wanted, 1).generator);
};

const card = { kind: 'generator', latentDistribution: 'normal', range: [-1, 1], classNames: ['cat', 'dog', 'eel'] };
const load = (bytes: Uint8Array, more: object = {}) =>
  Generator.load(bytes, { runtime, where: 'g.onnx', card: parseGeneratorCard({ ...card, ...more }) });

describe.each(['dcgan', 'mlp'])('a generator by class, %s', (name) => {
  it.each([
    ['dog', 1],
    [1, 1],
    ['2', 2],
    ['cat', 0],
  ])('makes images of the chosen class %s: those that ONNX Runtime makes with that label', async (chosen, label) => {
    const bytes = conditional(name);
    const generator = await load(bytes, { class: chosen });
    expect(generator.latents.dimension).toBe(4);
    const latents = [Float32Array.of(1, -1, 0.5, 2), Float32Array.of(0, 0.3, -2, 1)];
    const decoder = new Decoder(generator.decoder(), runtime);
    const made = new Uint8Array(2 * 256);
    await decoder.decode(latents, made);
    await decoder.dispose();
    const session = await ort.InferenceSession.create(bytes);
    const z = new ort.Tensor('float32', Float32Array.from(latents.flatMap((latent) => [...latent])), [2, 4]);
    const { image } = await session.run({
      z,
      label: new ort.Tensor('int64', new BigInt64Array(2).fill(BigInt(label)), [2]),
    });
    (image!.data as Float32Array).forEach((value, place) => {
      expect(Math.abs(127.5 * (value + 1) - made[place]!), String(place)).toBeLessThan(0.51);
    });
  });

  it('makes others of another class', async () => {
    const sheets = await Promise.all(
      ['cat', 'eel'].map(async (chosen) => (await load(conditional(name), { class: chosen })).sample(3, 1)),
    );
    expect(sheets[0]!.data).not.toEqual(sheets[1]!.data);
  });
});

describe('a generator by class is refused in a sentence', () => {
  const bytes = conditional('mlp');

  it('where no class is chosen, with the list of classes', async () => {
    await expect(load(bytes)).rejects.toThrow(
      'g.onnx makes images by class, input label; choose one with --generator-class, or in the field class of its card: cat (0), dog (1), eel (2)',
    );
    await expect(load(bytes, { classNames: undefined })).rejects.toThrow(
      /in the field class of its card, by its number, from 0$/,
    );
  });

  it('where there is no such class', async () => {
    await expect(load(bytes, { class: 'cow' })).rejects.toThrow(
      'g.onnx has no class cow; choose one: cat (0), dog (1), eel (2)',
    );
    await expect(load(bytes, { class: 3 })).rejects.toThrow('has no class 3');
    await expect(load(bytes, { class: 'cow', classNames: undefined })).rejects.toThrow(
      'has no class cow; choose one by its number, from 0',
    );
  });

  it('where it takes none, or another input', async () => {
    const b = new GraphBuilder('plain');
    b.input('z', 'float32', ['N', 256]);
    b.output(b.op('Tanh', [b.op('Reshape', ['z', b.ints([-1, 1, 16, 16])])]));
    await expect(load(writeModel(b.build()), { class: 'dog' })).rejects.toThrow('g.onnx takes no class');
    const noisy = new GraphBuilder('noisy');
    noisy.input('z', 'float32', ['N', 256]);
    noisy.input('noise', 'float32', ['N', 256]);
    noisy.output(
      noisy.op('Tanh', [noisy.op('Reshape', [noisy.op('Add', ['z', 'noise']), noisy.ints([-1, 1, 16, 16])])]),
    );
    await expect(load(writeModel(noisy.build()))).rejects.toThrow('it has the inputs z, noise');
  });
});
