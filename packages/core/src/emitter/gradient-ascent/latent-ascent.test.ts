import { GraphBuilder, readModel, tensor, writeModel } from '@pareidolia/autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import { Generator } from '../../generator/generator.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { openSearch, resolveSearch } from '../../search/spec.ts';
import { smallGenerator } from '../../testing/small-generator.ts';

const [DIMENSION, SIDE, CLASSES] = [6, 8, 3];
const runtime = nodeRuntime();
const classIndices = [0, 1, 2];
let generator: Generator;
let classifier: OnnxClassifier;

/** A smooth classifier of 8 x 8 images with names that the generator has, too. */
function network(): Uint8Array {
  const random = Random.stream(9);
  const b = new GraphBuilder('net');
  const flat = b.op('Reshape', [b.input('image', 'float32', ['N', 1, SIDE, SIDE]), b.ints([-1, SIDE * SIDE])]);
  const w = tensor(
    'float32',
    [SIDE * SIDE, CLASSES],
    Float32Array.from({ length: SIDE * SIDE * CLASSES }, () => random.normal() / 4),
  );
  b.output(b.op('MatMul', [b.op('Tanh', [flat]), b.initializer('z', w)]));
  return writeModel(b.build());
}

beforeAll(async () => {
  generator = await Generator.load(smallGenerator(DIMENSION, SIDE), { runtime, where: 'g.onnx' });
  classifier = await OnnxClassifier.load(network(), { runtime, device: 'cpu', threads: 1, where: 'net.onnx' });
});

afterAll(() => classifier.dispose());

const rows = (data: Float32Array) =>
  ({ channels: 1, height: 1, width: DIMENSION, count: data.length / DIMENSION, data }) as const;

describe('the gradient through classifier and generator', () => {
  it('is that of differences, along random directions', async () => {
    const front = { model: readModel(generator.decoder(classifier.shape).graph), width: DIMENSION };
    const random = Random.stream(5);
    const draw = () => Float32Array.from({ length: DIMENSION }, () => random.normal());
    const value = async (latent: Float32Array): Promise<number> => {
      const objective = { kind: 'log-probability', classIndices: Int32Array.of(1) } as const;
      return (await classifier.gradientBehind(front, rows(latent), objective)).value[0]!;
    };
    for (let trial = 0; trial < 8; trial++) {
      const [latent, direction] = [draw(), draw()];
      const objective = { kind: 'log-probability', classIndices: Int32Array.of(1) } as const;
      const { gradient } = await classifier.gradientBehind(front, rows(latent), objective);
      const slope = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      const h = 1e-2;
      const at = (t: number) => value(latent.map((x, i) => x + t * direction[i]!));
      const measured = ((await at(h)) - (await at(-h))) / (2 * h);
      expect(measured).toBeCloseTo(slope, 2);
      expect(Math.abs(slope)).toBeGreaterThan(0);
    }
  });

  it('refuses rows of another width', async () => {
    const front = { model: readModel(generator.decoder(classifier.shape).graph), width: DIMENSION };
    const objective = { kind: 'log-probability', classIndices: Int32Array.of(1) } as const;
    const wrong = { channels: 1, height: 1, width: 5, count: 1, data: new Float32Array(5) } as const;
    await expect(classifier.gradientBehind(front, wrong, objective)).rejects.toThrow('1 x 1 x 6');
  });
});

function open(settings: Record<string, number> = {}, emitter = 'gradient-ascent') {
  const resources = { decoder: generator.decoder(classifier.shape), runtime };
  const length = emitter === 'gradient-ascent' ? { generations: 60 } : { generations: 6, batch: 12 };
  const spec = resolveSearch(
    { emitter, encoding: 'latent', settings, ...length },
    classifier.shape,
    undefined,
    resources,
  );
  return (state?: Parameters<typeof openSearch>[2]) =>
    openSearch(spec, { scorer: classifier, classIndices, seed: 2, resources }, state);
}

describe('ascent among latents', () => {
  it('gives every class more confidence than it had at the start, and keeps to the norm', async () => {
    const begin = open({ starts: 2, target: 1, norm: 0.8, maxStep: 1e-9 })();
    while (!begin.isDone) await begin.scheduler.step();
    const search = open({ starts: 2, target: 1, norm: 0.8 })();
    while (!search.isDone) await search.scheduler.step();
    search.scheduler.archive.elites.forEach((elite, cell) => {
      expect(elite!.confidence).toBeGreaterThan(begin.scheduler.archive.elites[cell]!.confidence);
      const latent = new Float32Array(elite!.genome.slice().buffer);
      expect(Math.hypot(...latent)).toBeLessThanOrEqual(0.8 * Math.sqrt(DIMENSION) * (1 + 1e-5));
    });
  });

  it('reports the confidence of the 8-bit image of each genome', async () => {
    const search = open({ starts: 2, target: 1 })();
    while (!search.isDone) await search.scheduler.step();
    const { decoder } = { decoder: generator.decoder(classifier.shape) };
    const { Decoder } = await import('../../generator/decoder.ts');
    const decode = new Decoder(decoder, runtime);
    for (const [cell, elite] of search.scheduler.archive.elites.entries()) {
      const image = new Uint8Array(SIDE * SIDE);
      await decode.decode([new Float32Array(elite!.genome.slice().buffer)], image);
      const { data } = await classifier.predict({ ...classifier.shape, count: 1, data: image });
      expect(elite!.confidence).toBe(data[cell]);
    }
    await decode.dispose();
  });

  it.each(['gradient-ascent', 'mutation', 'iso-line'])(
    'by %s goes on from a state to the same bytes',
    async (emitter) => {
      const begin = open(emitter === 'gradient-ascent' ? { starts: 2, target: 1 } : {}, emitter);
      const whole = begin();
      for (let i = 0; i < 3; i++) await whole.scheduler.step();
      const state = structuredClone(whole.scheduler.state());
      while (!whole.isDone) await whole.scheduler.step();
      const resumed = begin(state);
      while (!resumed.isDone) await resumed.scheduler.step();
      expect(resumed.scheduler.state()).toEqual(whole.scheduler.state());
    },
  );

  it('refuses what is about pixels, and a classifier without a graph', () => {
    expect(() => open({ blurRadius: 0.4 })()).toThrow('blurRadius is about pixels, and the ascent moves latents');
    const resources = { decoder: generator.decoder(classifier.shape), runtime };
    const request = { emitter: 'gradient-ascent', encoding: 'latent' };
    const spec = resolveSearch(request, classifier.shape, undefined, resources);
    const { shape, origin } = classifier;
    const blind = {
      shape,
      origin,
      predict: classifier.predict.bind(classifier),
      gradient: classifier.gradient.bind(classifier),
    };
    expect(() => openSearch(spec, { scorer: blind, classIndices, seed: 1, resources })).toThrow(
      'needs the graph of the network itself',
    );
  });
});
