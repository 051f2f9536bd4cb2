import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { halves } from './support/halves.ts';
import { expectSameBytesAfterKills, timelessFiles } from './support/kills.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const data = halves(folder.path, 'halves', 330, 16);
const small = ['--width', '4', '--latent', '5', '--epochs', '2', '--threads', '1'];
const gan = (...more: readonly string[]) =>
  pareidolia(['train', 'gan', '--data', data, ...small, ...more], { cwd: folder.path });

describe('pareidolia train gan', () => {
  it('killed at any access to the disk is resumed to the same bytes', async () => {
    await expectSameBytesAfterKills({
      folder: join(folder.path, 'kills'),
      args: ['train', 'gan', '--data', data, ...small, '--architecture', 'mlp', '--out', 'run'],
      resume: ['--resume'],
      moments: 4,
    });
    expect(Object.keys(timelessFiles(join(folder.path, 'kills', 'whole')))).toEqual([
      'run/config.json',
      'run/discriminator.card.json',
      'run/discriminator.onnx',
      'run/epochs.jsonl',
      'run/generator.card.json',
      'run/generator.onnx',
      'run/journal.jsonl',
      'run/result.json',
      'run/samples.png',
      'run/samples/epoch-1.png',
      'run/samples/epoch-2.png',
    ]);
  });

  it('makes two networks that ONNX Runtime runs natively and in WebAssembly alike, with cards that say how', async () => {
    const { code, stdout, stderr } = await gan('--out', 'plain', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ architecture: 'dcgan', data: 'halves', epochs: 2, latent: 5, conditional: false });
    const card = JSON.parse(readFileSync(join(folder.path, result.generator.card), 'utf8'));
    expect(card).toMatchObject({
      kind: 'generator',
      latentDimension: 5,
      latentDistribution: 'normal',
      range: [-1, 1],
      color: 'grey',
      dataset: 'halves',
      sha256: result.generator.sha256,
    });
    const web = await import('onnxruntime-web/wasm');
    web.env.logLevel = 'fatal';
    web.env.wasm.numThreads = 1;
    const z = Float32Array.from({ length: 35 }, (_, i) => Math.sin(i));
    const generator = readFileSync(join(folder.path, result.generator.model));
    const judge = readFileSync(join(folder.path, result.discriminator.model));
    const native = await ort.InferenceSession.create(generator);
    const wasm = await web.InferenceSession.create(generator);
    const { image } = await native.run({ z: new ort.Tensor('float32', z, [7, 5]) });
    const other = await wasm.run({ z: new web.Tensor('float32', z, [7, 5]) });
    expect(image!.dims).toEqual([7, 1, 16, 16]);
    const pixels = image!.data as Float32Array;
    expect(Math.max(...pixels.map(Math.abs))).toBeLessThanOrEqual(1);
    const difference = pixels.map((value, i) => Math.abs(value - (other.image!.data as Float32Array)[i]!));
    expect(Math.max(...difference)).toBeLessThan(1e-5);
    const { real } = await (await ort.InferenceSession.create(judge)).run({ image: image! });
    expect(real!.dims).toEqual([7, 1]);
    expect((real!.data as Float32Array).every((value) => value > 0 && value < 1)).toBe(true);
    // At inference, an image does not depend on those beside it.
    const alone = await native.run({ z: new ort.Tensor('float32', z.slice(0, 5), [1, 5]) });
    (alone.image!.data as Float32Array).forEach((value, i) => {
      expect(value).toBeCloseTo(pixels[i]!, 5);
    });
  });

  it('makes a discriminator whose card inspect takes, and a sheet of samples', async () => {
    expect(await gan('--architecture', 'mlp', '--out', 'seen')).toMatchObject({ code: 0 });
    const { stdout } = await pareidolia(['inspect', 'seen/discriminator.onnx', '--json'], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject({
      classifier: { classes: 2, image: { channels: 1, height: 16, width: 16 }, gradientBlockers: [] },
      problem: null,
    });
    const { width, height, channels } = await sharp(join(folder.path, 'seen', 'samples.png')).metadata();
    expect({ width, height, channels }).toEqual({ width: 182, height: 182, channels: 1 });
  });

  it('by class makes a generator that takes a class, and a sheet with a column for each', async () => {
    expect(
      await gan('--architecture', 'mlp', '--conditional', '--gradient-penalty', '1', '--out', 'by-class'),
    ).toMatchObject({ code: 0 });
    const session = await ort.InferenceSession.create(readFileSync(join(folder.path, 'by-class', 'generator.onnx')));
    expect(session.inputNames).toEqual(['z', 'label']);
    const card = JSON.parse(readFileSync(join(folder.path, 'by-class', 'generator.card.json'), 'utf8'));
    expect(card.classNames).toEqual(['left', 'right']);
    expect((await sharp(join(folder.path, 'by-class', 'samples.png')).metadata()).width).toBe(2 + 2 * 18);
    const search = ['fool', '--generator', 'by-class/generator.onnx', '--generations', '2', '--classes', '0'];
    expect(await pareidolia([...search, '--out', 'none'], { cwd: folder.path })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'choose one with --generator-class, or in the field class of its card: left (0), right (1)',
      ),
    });
    const chosen = [...search, '--out', 'right', '--generator-class', 'right'];
    expect(await pareidolia(chosen, { cwd: folder.path })).toMatchObject({ code: 0 });
    const { command } = JSON.parse(readFileSync(join(folder.path, 'right', 'config.json'), 'utf8'));
    expect(command).toContain('--generator-class right');
  });

  it('says it where the generator makes the same image of all latent vectors', async () => {
    // At a learning rate of 1 the units of the generator die within a few steps.
    const { code, stdout, stderr } = await gan('--architecture', 'mlp', '--learning-rate', '1', '--out', 'dead');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('The generator has collapsed');
    expect(stdout).toContain('Beware: The generator has collapsed');
    expect(JSON.parse(readFileSync(join(folder.path, 'dead', 'result.json'), 'utf8')).trouble).toBe('collapsed');
  });
});

describe('pareidolia train gan says in a sentence what is wrong with', () => {
  const refused = async (args: readonly string[], sentence: string | RegExp): Promise<void> => {
    const { code, stderr } = await pareidolia(['train', 'gan', ...args], { cwd: folder.path });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(sentence) });
  };

  it('data that are not there, and none', async () => {
    await refused(['--data', 'nowhere'], /There are no data nowhere; give digits, things, mnist/);
    await refused([], /Name the data, for example: pareidolia train gan --data digits/);
    await refused(['--resume'], /--resume needs --out/);
    await refused(['--resume', '--out', 'nothing'], /There is no training in nothing to go on with/);
  });

  it('too few images, in a file or in a folder of pictures', async () => {
    await refused(['--data', halves(folder.path, 'few', 50, 16)], /has 46 images to learn from.* at least 200/);
    const photos = join(folder.path, 'photos');
    mkdirSync(photos);
    const grey = { create: { width: 40, height: 30, channels: 3, background: '#888' } } as const;
    await sharp(grey).png().toFile(join(photos, 'a.png'));
    await refused(['--data', photos], /holds 1 pictures; a generator needs at least 200/);
  });

  it('a size that the architecture does not make', async () => {
    await refused(
      ['--data', halves(folder.path, 'odd', 330, 18)],
      /multiples of 4 from 16 to 128, not 18x18; resize them, or give --arch/,
    );
    await refused(['--data', data, '--size', '32'], /--size belongs to a folder of pictures; those of .* are 16x16/);
  });

  it('options that do not go together, or that nothing can be made of', async () => {
    await refused(['--data', data, '--real-label', '0.4'], /--real-label 0.4 takes real images for generated ones/);
    await refused(['--data', data, '--latent', '0'], /Give a whole number from 1/);
    await refused(['--data', data, '--batch', '1'], /Give a whole number from 2/);
    await refused(['--data', data, '--architecture', 'stylegan'], /Allowed choices are dcgan, mlp/);
    await refused(
      ['--data', data, '--width', '4096', '--latent', '65536'],
      /weights, more than .*; give a smaller width/,
    );
  });
});
