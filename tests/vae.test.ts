import { readFileSync } from 'node:fs';
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
const vae = (...more: readonly string[]) =>
  pareidolia(['train', 'vae', '--data', data, ...small, ...more], { cwd: folder.path });

describe('pareidolia train vae', () => {
  it('killed at any access to the disk is resumed to the same bytes', async () => {
    await expectSameBytesAfterKills({
      folder: join(folder.path, 'kills'),
      args: ['train', 'vae', '--data', data, ...small, '--architecture', 'mlp', '--out', 'run'],
      resume: ['--resume'],
      moments: 4,
    });
    expect(Object.keys(timelessFiles(join(folder.path, 'kills', 'whole')))).toEqual([
      'run/config.json',
      'run/encoder.onnx',
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

  it('makes two networks that ONNX Runtime runs, whose generator others read by its card', async () => {
    const { code, stdout, stderr } = await vae('--out', 'plain', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/epoch 2\/2 {2}loss [\d.]+ nats/);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ architecture: 'dcgan', data: 'halves', epochs: 2, latent: 5 });
    // Ten steps make next to no difference between latent vectors, and it is said.
    expect(result.collapsed).toBe(true);
    expect(stderr).toContain('Beware: The images are all but the same');
    expect(result.loss).toBeCloseTo(result.reconstruction + result.divergence, 3);
    const read = (path: string) => readFileSync(join(folder.path, path));
    const card = JSON.parse(read(result.generator.card).toString());
    expect(card).toEqual({
      kind: 'generator',
      latentDimension: 5,
      latentDistribution: 'normal',
      range: [0, 1],
      color: 'grey',
      dataset: 'halves',
      sha256: result.generator.sha256,
    });
    const generator = await ort.InferenceSession.create(read(result.generator.model));
    const z = Float32Array.from({ length: 35 }, (_, i) => Math.sin(i));
    const { image } = await generator.run({ z: new ort.Tensor('float32', z, [7, 5]) });
    expect(image!.dims).toEqual([7, 1, 16, 16]);
    expect((image!.data as Float32Array).every((value) => value >= 0 && value <= 1)).toBe(true);
    const encoder = await ort.InferenceSession.create(read(result.encoder.model));
    const { mean, log_variance: logVariance } = await encoder.run({ image: image! });
    expect(mean!.dims).toEqual([7, 5]);
    expect(logVariance!.dims).toEqual([7, 5]);
    expect((await sharp(join(folder.path, 'plain', 'samples.png')).metadata()).width).toBe(182);

    const search = ['--generator', 'plain/generator.onnx', '--generations', '2', '--classes', '0', '--out', 'fooled'];
    expect(await pareidolia(['fool', ...search], { cwd: folder.path })).toMatchObject({ code: 0 });
  });
});

describe('pareidolia train vae says in a sentence what is wrong with', () => {
  it.each([
    [['--data', 'nowhere'], /There are no data nowhere; give digits, things, mnist/],
    [[], /Name the data, for example: pareidolia train vae --data digits/],
    [['--resume', '--out', 'nothing'], /There is no training in nothing to go on with/],
    [['--data', data, '--architecture', 'stylegan'], /Allowed choices are dcgan, mlp/],
    [['--data', data, '--width', '4096', '--latent', '65536'], /weights, more than .*; give a smaller width/],
    [['--data', data, '--learning-rate', '1000'], /The loss is .* at step \d+: choose a smaller learning rate/],
  ])('%j', async (args, sentence) => {
    const { code, stderr } = await pareidolia(['train', 'vae', ...args], { cwd: folder.path });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(sentence) });
  });
});
