import { existsSync, readFileSync } from 'node:fs';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { imageSize } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { parseGeneratorCard } from './card.ts';
import { Decoder } from './decoder.ts';
import { Generator } from './generator.ts';

const runtime = nodeRuntime();

/** Two latents to an image of 8 x 8: the left half is the first, the right half the second, through an operator. */
function halves(last: string | undefined, form: readonly number[] = [2]): Uint8Array {
  const b = new GraphBuilder('halves');
  b.input('z', 'float32', ['N', ...form]);
  const flat = b.op('Reshape', ['z', b.ints([-1, 2])]);
  const weight = Float32Array.from({ length: 128 }, (_, i) => {
    const [row, pixel] = [Math.floor(i / 64), i % 64];
    return (pixel % 8 < 4 ? 0 : 1) === row ? 1 : 0;
  });
  const pixels = b.op('MatMul', [flat, b.constant({ type: 'float32', dims: [2, 64], data: weight })]);
  const bounded = last === undefined ? pixels : b.op(last, [pixels]);
  b.op('Reshape', [bounded, b.ints([-1, 1, 8, 8])], {}, 'image');
  b.output('image');
  return writeModel(b.build());
}

const load = (bytes: Uint8Array, card: object = {}) =>
  Generator.load(bytes, { runtime, where: 'g.onnx', card: parseGeneratorCard({ kind: 'generator', ...card }) });

async function draw(generator: Generator, latent: readonly number[], shape = generator.shape): Promise<number[]> {
  const decoder = new Decoder(generator.decoder(shape), runtime);
  const image = new Uint8Array(imageSize(shape));
  await decoder.decode([Float32Array.from(latent)], image);
  await decoder.dispose();
  return [...image];
}

describe('a generator', () => {
  it.each([
    ['Tanh', [-1, 1], (z: number) => (Math.tanh(z) + 1) / 2],
    ['Sigmoid', [0, 1], (z: number) => 1 / (1 + Math.exp(-z))],
  ] as const)('behind %s has the black and white of its last operator', async (last, range, pixel) => {
    const generator = await load(halves(last), { latentDistribution: 'normal' });
    expect(generator.card.range).toEqual(range);
    expect(generator.notices).toEqual([expect.stringContaining(`its last operator is ${last}`)]);
    const image = await draw(generator, [0.3, -0.8]);
    expect(image[0]).toBe(Math.round(255 * pixel(0.3)));
    expect(image[7]).toBe(Math.round(255 * pixel(-0.8)));
  });

  it('takes latents with axes of one behind them', async () => {
    const plain = await load(halves('Tanh'));
    const deep = await load(halves('Tanh', [2, 1, 1]));
    expect(await draw(deep, [0.3, -0.8])).toEqual(await draw(plain, [0.3, -0.8]));
  });

  it('may call its values whatever it likes', async () => {
    const b = new GraphBuilder('named');
    b.input('latents', 'float32', ['N', 64]);
    b.op('Identity', [b.op('Reshape', ['latents', b.ints([-1, 1, 8, 8])])], {}, 'pixels');
    b.op('Tanh', ['pixels'], {}, 'image');
    b.output('image');
    const image = await draw(await load(writeModel(b.build())), new Array(64).fill(0.3));
    expect(image[5]).toBe(Math.round((255 * (Math.tanh(0.3) + 1)) / 2));
  });

  it('says what it guesses of the latents, and where the card says it there is nothing to guess', async () => {
    const guessed = await load(halves('Tanh'));
    expect(guessed.latents).toEqual({ dimension: 2, distribution: 'normal' });
    expect(guessed.notices.join()).toContain('N(0, 1) is taken');
    const said = await load(halves('Tanh'), { latentDistribution: 'uniform', range: [-1, 1] });
    expect(said.notices).toEqual([]);
  });

  it('finds the range by images where the last operator has none, and says where images leave it', async () => {
    await expect(load(halves(undefined))).rejects.toThrow(/black and white are .* cannot be told.* --generator-range/);
    const { notices } = await load(halves(undefined), { range: [-1, 1], latentDistribution: 'normal' });
    expect(notices).toEqual([expect.stringMatching(/is clipped; check the range/)]);
    const uniform = await load(halves(undefined), { latentDistribution: 'uniform' });
    expect(uniform.card.range).toEqual([-1, 1]);
    expect(uniform.notices[0]).toMatch(/images tried reach from -(0\.\d+|1) to (0\.\d+|1)/);
  });

  it('becomes color by equal channels, and another size by interpolation', async () => {
    const generator = await load(halves('Tanh'));
    const color = await draw(generator, [0.3, -0.8], { channels: 3, height: 8, width: 8 });
    const grey = await draw(generator, [0.3, -0.8]);
    expect(color).toEqual([...grey, ...grey, ...grey]);
    const shape = { channels: 1, height: 4, width: 16 } as const;
    const scaled = await draw(generator, [0.3, -0.8], shape);
    expect([scaled[0], scaled[15]]).toEqual([grey[0], grey[7]]);
    expect(generator.conversions(shape)).toEqual([expect.stringContaining('8 x 8, which are scaled to 16 x 4')]);
    expect(generator.conversions(generator.shape)).toEqual([]);
  });

  it('draws the same images for the same seed, and the first ones of more', async () => {
    const generator = await load(halves('Tanh'));
    const many = await generator.sample(5, 3);
    expect((await generator.sample(2, 3)).data).toEqual(many.data.subarray(0, 128));
    expect((await generator.sample(5, 4)).data).not.toEqual(many.data);
  });

  it('is refused with what is wrong with it', async () => {
    await expect(load(halves('Tanh'), { latentDimension: 3 })).rejects.toThrow(
      'g.onnx takes 2 random numbers, but the card says latentDimension 3',
    );
    const classifier = new GraphBuilder('classifier');
    classifier.input('x', 'float32', ['N', 1, 28, 28]);
    classifier.output(classifier.op('Flatten', ['x']));
    await expect(load(writeModel(classifier.build()))).rejects.toThrow(
      'g.onnx is no generator: input x has shape [N, 1, 28, 28], and one that makes images takes one row',
    );
    const scores = new GraphBuilder('scores');
    scores.input('x', 'float32', ['N', 7]);
    scores.output(scores.op('Tanh', ['x']));
    await expect(load(writeModel(scores.build()))).rejects.toThrow('g.onnx is no generator of images: output');
    const constant = new GraphBuilder('constant');
    constant.input('z', 'float32', ['N', 64]);
    const zero = constant.op('Mul', ['z', constant.scalar(0)]);
    constant.output(constant.op('Tanh', [zero]));
    await expect(load(writeModel(constant.build()))).rejects.toThrow('makes the same image of 64 random vectors');
    const open = new GraphBuilder('open');
    open.input('z', 'float32', ['N', 'L']);
    open.output(open.op('Tanh', ['z']));
    await expect(load(writeModel(open.build()))).rejects.toThrow('does not say how many random numbers it takes');
  });
});

const path = `${process.env.PAREIDOLIA_DATA}/models/mnist-gan-mlp-generator.onnx`;

it.skipIf(!existsSync(path))('the MNIST generator of the data folder reads as its entry there says', async () => {
  const generator = await load(new Uint8Array(readFileSync(path)));
  expect(generator.latents.dimension).toBe(64);
  expect(generator.card).toMatchObject({ range: [-1, 1], height: 28, width: 28, color: 'grey' });
  const { data } = await generator.sample(100, 1);
  // Digits are mostly black.
  expect(data.filter((level) => level < 64).length / data.length).toBeGreaterThan(0.6);
});
