import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, tensor, writeModel } from '@pareidolia/autodiff';
import { drawDigits, Random, selectImages } from '@pareidolia/core';
import { afterAll, describe, expect, it } from 'vitest';
import { smallGenerator } from '../packages/core/src/testing/small-generator.ts';
import { digests, pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const file = (name: string, content?: Uint8Array | string): string => {
  const path = join(folder.path, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};
const run = (...args: readonly string[]) => pareidolia(args, { cwd: folder.path });

const model = writeTinyNetwork(file('tiny.onnx'), { classes: 3 });
const generator = file('generator.onnx', smallGenerator(5, 8));
file('large.onnx', smallGenerator(5, 28));

/** One layer and a sigmoid: how real an image of 28 x 28 is. */
function discriminator(): Uint8Array {
  const random = Random.stream(8);
  const b = new GraphBuilder('discriminator');
  const flat = b.op('Reshape', [b.input('image', 'float32', ['N', 1, 28, 28]), b.ints([-1, 784])]);
  const weights = Float32Array.from({ length: 784 }, () => random.normal() / 28);
  b.output(b.op('Sigmoid', [b.op('MatMul', [flat, b.constant(tensor('float32', [784, 1], weights))])]));
  return writeModel(b.build());
}
file('discriminator.onnx', discriminator());

/** A layer of features, and three independent sigmoids. */
function sigmoids(): Uint8Array {
  const random = Random.stream(9);
  const b = new GraphBuilder('sigmoids');
  const weights = (rows: number, columns: number): string =>
    b.constant(
      tensor(
        'float32',
        [rows, columns],
        Float32Array.from({ length: rows * columns }, () => random.normal() / 9),
      ),
    );
  const flat = b.op('Reshape', [b.input('image', 'float32', ['N', 1, 28, 28]), b.ints([-1, 784])]);
  const features = b.op('Relu', [b.op('MatMul', [flat, weights(784, 8)])]);
  b.output(b.op('Sigmoid', [b.op('MatMul', [features, weights(8, 3)])]));
  return writeModel(b.build());
}
file('sigmoids.onnx', sigmoids());

/** A dataset of drawn digits as a folder of MNIST's files, perhaps class by class: fewer than the command draws itself. */
function writeDigits(name: string, inOrder: boolean): void {
  mkdirSync(file(name));
  for (const [part, count, first] of [
    ['train', 240, 0],
    ['t10k', 60, 240],
  ] as const) {
    const drawn = drawDigits(count, 1, first);
    const order = [...drawn.labels.keys()];
    if (inOrder) order.sort((a, b) => drawn.labels[a]! - drawn.labels[b]!);
    const [images, labels] = [selectImages(drawn.images, order), order.map((place) => drawn.labels[place]!)];
    const header = (...numbers: readonly number[]): Buffer => {
      const bytes = Buffer.alloc(4 * numbers.length);
      numbers.forEach((number, place) => {
        bytes.writeUInt32BE(number, 4 * place);
      });
      return bytes;
    };
    file(`${name}/${part}-images-idx3-ubyte`, Buffer.concat([header(0x803, count, 28, 28), images.data]));
    file(`${name}/${part}-labels-idx1-ubyte`, Buffer.concat([header(0x801, count), Uint8Array.from(labels)]));
  }
}
writeDigits('few', false);
writeDigits('in-order', true);

const SHORT = ['--generations', '4', '--batch', '12', '--classes', '0,1'];

describe('a search through a generator', () => {
  it('gives the same bytes on one thread and on two, and names its generator', async () => {
    const one = await run(
      'fool',
      '--model',
      model,
      '--generator',
      generator,
      ...SHORT,
      '--threads',
      '1',
      '--out',
      'one',
      '--json',
    );
    expect(one).toMatchObject({ code: 0 });
    expect(JSON.parse(one.stdout)).toMatchObject({ encoding: 'latent', emitter: 'mutation' });
    expect(one.stderr).toContain('its last operator is Tanh');
    const two = await run(
      'fool',
      '--model',
      model,
      '--generator',
      generator,
      ...SHORT,
      '--threads',
      '2',
      '--out',
      'two',
    );
    expect(two).toMatchObject({ code: 0 });
    expect(digests(file('two/elites'))).toEqual(digests(file('one/elites')));
    const config = JSON.parse(readFileSync(file('one/config.json'), 'utf8'));
    expect(config.inputs.generator).toMatchObject({ name: 'generator.onnx', path: generator });
    expect(config.command).toContain(`--generator ${generator}`);
    const [elite] = JSON.parse(JSON.stringify([JSON.parse(readFileSync(file('one/elites/0-class-0.json'), 'utf8'))]));
    expect(elite.genome).toHaveLength(5);
  });

  it('has an embedded generator of digits, by its name', async () => {
    const begun = await run('fool', '--generator', 'digits', ...SHORT, '--out', 'embedded', '--json');
    expect(begun).toMatchObject({ code: 0 });
    expect(begun.stderr).not.toContain('gan-digits.onnx:');
    expect(JSON.parse(begun.stdout).encoding).toBe('latent');
    const config = JSON.parse(readFileSync(file('embedded/config.json'), 'utf8'));
    const card = JSON.parse(readFileSync('packages/core/assets/gan-digits.card.json', 'utf8'));
    expect(config.inputs.generator).toEqual({ name: 'gan-digits.onnx', path: 'digits', sha256: card.sha256 });
    expect(config.inputs['generator card'].name).toBe('embedded with the generator');
    const more = await run('fool', '--resume', '--out', 'embedded', '--generations', '6');
    expect(more).toMatchObject({ code: 0 });
    const none = await run('fool', '--generator', 'digit', ...SHORT, '--out', 'bad');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('The generator digit cannot be read') });
  });

  it('resumes with its generator, and with no other', async () => {
    const more = await run('fool', '--resume', '--out', 'one', '--generations', '6');
    expect(more).toMatchObject({ code: 0 });
    const other = file('other.onnx', smallGenerator(5, 8, 2));
    const refused = await run('fool', '--resume', '--out', 'one', '--generator', other, '--generations', '7');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('generator');
  });

  it('reads the card beside the generator', async () => {
    file('carded.onnx', smallGenerator(5, 8));
    file('carded.card.json', JSON.stringify({ kind: 'generator', latentDistribution: 'uniform', range: [-1, 1] }));
    const ended = await run('fool', '--model', model, '--generator', file('carded.onnx'), ...SHORT, '--out', 'carded');
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).not.toContain('nothing says');
    const { genome } = JSON.parse(readFileSync(file('carded/elites/0-class-0.json'), 'utf8'));
    expect(Math.max(...genome.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it.each([
    [['--encoding', 'latent'], 'The encoding latent needs a generator; give its file with --generator'],
    [
      ['--generator', generator, '--encoding', 'cppn'],
      '--generator belongs to the encoding latent, and --encoding says cppn',
    ],
    [['--latent-dimension', '5'], 'latentDimension is about a generator, and none is given'],
    [
      ['--generator', generator, '--latent-dimension', '6'],
      'takes 5 random numbers, but the card says latentDimension 6',
    ],
    [['--generator', model], 'tiny.onnx is no generator: input image has shape'],
    [['--generator', 'nowhere.onnx'], 'The generator nowhere.onnx cannot be read'],
    [['--generator', generator, '--generator-card', 'stranger.json'], 'is no card of a generator'],
    [['--generator', generator, '--emitter', 'gradient-ascent', '--preset', 'blur'], 'blurRadius is about pixels'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    file('stranger.json', JSON.stringify({ range: [0, 1] }));
    const ended = await run('fool', '--model', model, ...SHORT, '--out', 'bad', ...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(file('bad'))).toBe(false);
  });

  it('brings images to the size and the colors of the network, and says so', async () => {
    const color = writeTinyNetwork(file('color.onnx'), { classes: 3, channels: 3 });
    const ended = await run('fool', '--model', color, '--generator', file('large.onnx'), ...SHORT, '--out', 'color');
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('grey images, which become color by three equal channels');
    expect(ended.stderr).toContain('images of 28 x 28, which are scaled to 8 x 8');
  });
});

describe('pareidolia generator', () => {
  const few = ['--data', 'few', '--count', '40', '--latent-distribution', 'normal'];
  it('measures a generator beside real images, the same for the same seed', async () => {
    const args = [
      'generator',
      'large.onnx',
      ...few,
      '--discriminator',
      'discriminator.onnx',
      '--discriminator-range',
      '0,1',
    ];
    const first = await run(...args, '--json', '--out', 'measured');
    expect(first).toMatchObject({ code: 0 });
    const { measures } = JSON.parse(first.stdout);
    // Random weights make nothing like digits.
    expect(measures.frechet.generated).toBeGreaterThan(measures.frechet.floor);
    expect(measures.precision.generated.share).toBeLessThan(measures.precision.floor.share);
    expect(measures.nearest).toMatchObject({ copies: 0, compared: 40 });
    expect(measures.classes.reduce((sum: number, each: { real: number }) => sum + each.real, 0)).toBe(40);
    expect(readFileSync(file('measured/report.html'), 'utf8')).toContain('Nearest training images');
    const again = await run(...args, '--json');
    expect(JSON.parse(again.stdout).measures).toEqual(measures);
    const twice = await run(...args, '--out', 'measured');
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('not empty') });
  });

  it('says where nothing tells how pixels are given to the network whose features are compared', async () => {
    copyFileSync('packages/core/assets/lenet-digits.onnx', file('uncarded.onnx'));
    const ended = await run('generator', 'large.onnx', ...few, '--features', 'uncarded.onnx', '--json');
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('No model card for uncarded.onnx') });
    expect(JSON.parse(ended.stdout).notices).toContainEqual(expect.stringContaining('No model card for uncarded.onnx'));
  }, 120_000);

  it('takes real images of all classes for the floor, also where the data are in order', async () => {
    // The first 20 of 60 are of four classes.
    const ended = await run('generator', 'large.onnx', ...few, '--data', 'in-order', '--count', '20', '--json');
    expect(ended).toMatchObject({ code: 0 });
    const { classes } = JSON.parse(ended.stdout).measures;
    expect(classes.filter(({ real }: { real: number }) => real > 0).length).toBeGreaterThan(6);
  });

  it('leaves no folder where it ends with an error', async () => {
    const ended = await run('generator', 'large.onnx', ...few, '--discriminator', 'tiny.onnx', '--out', 'not-there');
    expect(ended.code).toBe(2);
    expect(existsSync(file('not-there'))).toBe(false);
  });

  it.each([
    [['generator', 'tiny.onnx', ...few], 'tiny.onnx is no generator'],
    [['generator', 'large.onnx', ...few, '--features', 'tiny.onnx'], 'images'],
    [
      ['generator', 'large.onnx', ...few, '--discriminator', 'tiny.onnx'],
      'tiny.onnx has 3 classes, and a discriminator has one output',
    ],
    [['generator', 'large.onnx', ...few, '--features', 'sigmoids.onnx'], 'gives independent sigmoids'],
    [['generator', 'large.onnx', ...few, '--images', 'x'], 'two answers to one question'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const ended = await run(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(sentence);
  });
});

describe('pareidolia guard with a discriminator', () => {
  it('tries it among the detectors, finds what black and white are for it, and folds it in', async () => {
    const args = ['guard', '--limit', '120', '--budget', 'quick', '--discriminator', 'discriminator.onnx'];
    const ended = await run(...args, '--detector', 'discriminator', '--out', 'guarded.onnx', '--json');
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('its log-odds for');
    const { detector, measures } = JSON.parse(ended.stdout);
    expect(detector).toBe('discriminator');
    expect(measures.parity).toBeLessThan(1e-5);
    const none = await run('guard', '--limit', '120', '--detector', 'discriminator', '--out', 'none.onnx');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('name its file with --discriminator') });
  });
});
