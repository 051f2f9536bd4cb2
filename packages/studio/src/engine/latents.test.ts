import { readFileSync } from 'node:fs';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { CHANGE_NAMES, CHANGES, type Change, localBreeder } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Studio } from './studio.ts';

const ASSETS = new URL('../../../core/assets/', import.meta.url);
const lenet = new Uint8Array(readFileSync(new URL('lenet-digits.onnx', ASSETS)));

/** Two numbers make an image of 28 x 28: the left half is as bright as the first, the right half as the second. */
function halves(): Uint8Array {
  const b = new GraphBuilder('halves');
  b.input('z', 'float32', ['N', 2]);
  const weight = Float32Array.from({ length: 2 * 784 }, (_, i) => Number(Number(i % 28 >= 14) === Math.floor(i / 784)));
  const pixels = b.op('MatMul', ['z', b.constant({ type: 'float32', dims: [2, 784], data: weight })]);
  b.op('Reshape', [pixels, b.ints([-1, 1, 28, 28])], {}, 'image');
  b.output('image');
  return writeModel(b.build());
}

const CARD = { kind: 'generator', latentDistribution: 'uniform', range: [-1, 1] } as const;
const packed = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

let studio: Studio;
let ids: { readonly model: string; readonly generator: string };
beforeAll(async () => {
  studio = new Studio({
    host: {
      version: '0',
      engine: 'server',
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      missing: [],
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      now: () => performance.now(),
      emit: () => {},
      breeder: localBreeder,
    },
  });
  const model = (await studio.models.load('digits', lenet, { color: 'grey' })).id;
  const loaded = await studio.call('models.load', { name: 'halves.onnx', bytes: halves(), card: CARD });
  if (loaded.kind !== 'generator') throw new Error('taken for a classifier');
  ids = { model, generator: loaded.generator.id };
});
afterAll(() => studio.dispose());

describe('a network that is brought', () => {
  it('is a generator by its card, with what is known of it', async () => {
    const { generators } = await studio.call('about', {});
    expect(generators).toMatchObject([
      {
        name: 'halves.onnx',
        latents: { dimension: 2, distribution: 'uniform' },
        range: [-1, 1],
        why: 'its card says so',
      },
    ]);
    expect(generators[0]!.notices).toEqual([]);
  });

  it('is a classifier where neither card nor graph say that it is a generator', async () => {
    const loaded = await studio.call('models.load', { name: 'digits.onnx', bytes: lenet });
    expect(loaded.kind).toBe('classifier');
  });

  it('is refused with a card of something else, and with one of another file', async () => {
    const load = (card: unknown) => studio.call('models.load', { name: 'g.onnx', bytes: halves(), card });
    await expect(load({ kind: 'discriminator' })).rejects.toThrow('g.onnx is a discriminator by its card');
    await expect(load({ ...CARD, sha256: '0'.repeat(64) })).rejects.toThrow('belongs to another file');
    // By its graph it is a generator, so a card of a classifier is none of it.
    await expect(load({ color: 'grey' })).rejects.toThrow('is no card of a generator');
    expect((await studio.call('about', {})).generators.length).toBe(1);
  });
});

describe('latents', () => {
  it('look as the generator makes them, and the network is asked about these very images', async () => {
    const { children } = await studio.call('latents.look', { ...ids, latents: packed(-1, 1, 0.2, -0.6) });
    // Black at -1 and white at 1, in 8 bits.
    const level = (z: number): number => Math.round((255 * (z + 1)) / 2);
    for (const [row, [left, right]] of [[-1, 1] as const, [0.2, -0.6] as const].entries()) {
      const { planes } = children[row]!.picture;
      planes.forEach((value, i) => {
        expect(value).toBe(level(i % 28 < 14 ? left : right));
      });
      const { tops } = await studio.call('models.predict', { model: ids.model, images: planes, top: 3 });
      expect(children[row]!.top).toEqual(tops[0]);
    }
    const { decisions, confidences } = await studio.call('latents.decide', {
      ...ids,
      latents: packed(-1, 1, 0.2, -0.6),
    });
    expect([...decisions]).toEqual(children.map(({ top }) => top[0]!.classIndex));
    confidences.forEach((confidence, row) => {
      expect(confidence).toBeCloseTo(children[row]!.top[0]!.confidence, 6);
    });
  });

  it('are bred: the same seed gives the same children, whose images differ from the parent by as much as is asked for', async () => {
    const screen = (change: Change, seed: number) =>
      studio.call('latents.screen', { ...ids, parents: [packed(0.1, -0.2)], count: 15, seed, change });
    expect((await screen('mild', 1)).children).toEqual((await screen('mild', 1)).children);
    expect((await screen('mild', 1)).children).not.toEqual((await screen('mild', 2)).children);
    for (const change of CHANGE_NAMES) {
      const distances = (await screen(change, 5)).children.map(({ genome }) => {
        const [a, b] = new Float32Array(genome.slice().buffer);
        // Each half of the image has the level of one latent, which goes from -1 to 1.
        return Math.hypot(a! - 0.1, b! + 0.2) / Math.SQRT2 / 2;
      });
      const median = distances.sort((one, other) => one - other)[7];
      const rounding = 1 / 255;
      expect(median).toBeGreaterThan(CHANGES[change].least - rounding);
      expect(median).toBeLessThan(CHANGES[change].most + rounding);
    }
  });

  it('without parents are random ones of their law', async () => {
    const { children } = await studio.call('latents.screen', {
      ...ids,
      parents: [],
      count: 60,
      seed: 1,
      change: 'mild',
    });
    const values = children.flatMap(({ genome }) => [...new Float32Array(genome.slice().buffer)]);
    // Uniform from -1 to 1: mean 0, variance 1/3; five deviations of 120 of them.
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 3 / values.length));
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it('are read from files of this generator, and of no other one', async () => {
    const read = (document: unknown) => studio.call('latents.read', { ...ids, document });
    const { sha256 } = (await studio.call('about', {})).generators[0]!;
    const document = {
      format: 'pareidolia-latent',
      version: 1,
      generator: { name: 'halves', sha256 },
      latent: [0.5, -1],
    };
    expect((await read(document)).genome).toEqual(packed(0.5, -1));
    expect((await read([0.5, -1])).genome).toEqual(packed(0.5, -1));
    const other = { ...document, generator: { name: 'other.onnx', sha256: '1'.repeat(64) } };
    await expect(read(other)).rejects.toThrow('another generator (other.onnx), not to halves.onnx');
    await expect(read([1, 2, 3])).rejects.toThrow('has 3 numbers, those of halves.onnx have 2');
    await expect(read({ nodes: [] })).rejects.toThrow('holds no latent of a generator');
    await expect(read(['a', 'b'])).rejects.toThrow('holds no latent of a generator');
  });

  it('of a screen with a goal have the confidence in that class; a class that is not there is refused', async () => {
    const screen = (goal: number) =>
      studio.call('latents.screen', { ...ids, parents: [packed(0, 0)], count: 4, seed: 1, change: 'mild', goal });
    const { children } = await screen(8);
    for (const { goal, picture, top } of children) {
      expect(goal?.classIndex).toBe(8);
      const guess = top.find(({ classIndex }) => classIndex === 8);
      if (guess !== undefined) expect(goal?.confidence).toBe(guess.confidence);
      else expect(goal?.confidence).toBeLessThanOrEqual(top.at(-1)!.confidence);
      // Nothing says that the classes of this network are digits.
      expect(goal).not.toHaveProperty('resembles');
      expect(picture.planes).toHaveLength(784);
    }
    await expect(screen(10)).rejects.toThrow('There is no class 10; the network has 10');
  });

  it('that are none are refused', async () => {
    await expect(studio.call('latents.look', { ...ids, latents: new Uint8Array(9) })).rejects.toThrow(
      '9 bytes are no whole number of latents of 2 numbers',
    );
    await expect(studio.call('latents.look', { ...ids, latents: packed(Number.NaN, 0) })).rejects.toThrow('not finite');
    await expect(studio.call('latents.look', { ...ids, generator: 'none', latents: packed(0, 0) })).rejects.toThrow(
      'This generator is not loaded any more',
    );
  });
});

describe('a generator that makes images by class', () => {
  /** One number and a class: all pixels are as bright as the number, lighter by a quarter for the second class. */
  function twoClasses(): Uint8Array {
    const b = new GraphBuilder('two-classes');
    b.input('z', 'float32', ['N', 1]);
    b.input('label', 'int64', ['N']);
    const lighter = b.op('Gather', [
      b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 0.5) }),
      'label',
    ]);
    const value = b.op('Add', ['z', b.op('Unsqueeze', [lighter, b.ints([1])])]);
    b.op('Expand', [b.op('Reshape', [value, b.ints([-1, 1, 1, 1])]), b.ints([1, 1, 28, 28])], {}, 'image');
    b.output('image');
    return writeModel(b.build());
  }

  const brightness = async (generator: string): Promise<number> => {
    const { children } = await studio.call('latents.look', { model: ids.model, generator, latents: packed(-0.25) });
    return children[0]!.picture.planes[0]!;
  };

  it('makes those of its first class, and of another one that is chosen, in whose place it stands', async () => {
    const card = { ...CARD, classNames: ['dark', 'light'] };
    const loaded = await studio.call('models.load', { name: 'two.onnx', bytes: twoClasses(), card });
    if (loaded.kind !== 'generator') throw new Error('taken for a classifier');
    const { generator: first } = loaded;
    expect(first.byClass).toEqual({ names: ['dark', 'light'], chosen: 'dark' });
    // Black is -1 and white 1: (-0.25 + 1) / 2 of 255.
    expect(await brightness(first.id)).toBe(96);
    const { generator: second } = await studio.call('generators.choose', { generator: first.id, className: 'light' });
    expect(second.byClass).toEqual({ names: ['dark', 'light'], chosen: 'light' });
    expect(await brightness(second.id)).toBe(159);
    await expect(brightness(first.id)).rejects.toThrow('is not loaded any more');
    await expect(studio.call('generators.choose', { generator: second.id, className: 'blue' })).rejects.toThrow(
      'two.onnx has no class blue; choose one: dark (0), light (1)',
    );

    const read = (made: string) =>
      studio.call('latents.read', {
        model: ids.model,
        generator: second.id,
        document: { generator: { name: 'two.onnx', sha256: second.sha256, class: made }, latent: [0.5] },
      });
    expect((await read('light')).genome).toEqual(packed(0.5));
    await expect(read('dark')).rejects.toThrow('is of the class dark, and two.onnx makes images of light now');
  });

  it('has no class to choose where it makes none by class', async () => {
    await expect(studio.call('generators.choose', { generator: ids.generator, className: 'dark' })).rejects.toThrow(
      'halves.onnx makes no images by class',
    );
  });
});
