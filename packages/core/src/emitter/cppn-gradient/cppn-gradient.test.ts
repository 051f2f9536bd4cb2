import { describe, expect, it } from 'vitest';
import type { GradientScorer } from '../../classifier/classifier.ts';
import { cppnEncoding } from '../../encoding/cppn/cppn.ts';
import { layeredCppn } from '../../encoding/cppn/layered.ts';
import { directEncoding } from '../../encoding/direct.ts';
import { imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import type { SearchState } from '../../search/scheduler.ts';
import { openSearch, resolveSearch } from '../../search/spec.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Question } from '../emitter.ts';
import { climb } from './climb.ts';
import { CppnGradientEmitter, cppnGradientEmitter } from './cppn-gradient.ts';
import { CPPN_GRADIENT_SETTINGS } from './settings.ts';

const shape = { channels: 1, height: 8, width: 8 } as const;
const SIZE = imageSize(shape);

/** Softmax regression: class k wants what a fixed pattern of +-1 says of each pixel, so its gradient has a closed form. */
const PATTERNS = [0, 1, 2].map((k) =>
  Float32Array.from({ length: SIZE }, (_, i) => ((i % 8) + (k === 0 ? 0 : Math.floor(i / 8)) > 3 + 4 * k ? 0.3 : -0.3)),
);

function confidences(pixels: ArrayLike<number>): number[] {
  const logits = PATTERNS.map((pattern) => pattern.reduce((sum, w, i) => sum + w * pixels[i]!, 0));
  const most = Math.max(...logits);
  const exps = logits.map((z) => Math.exp(z - most));
  return exps.map((e) => e / exps.reduce((a, b) => a + b));
}

const scorer: GradientScorer & { images: number; gradients: number } = {
  shape,
  origin: [0],
  images: 0,
  gradients: 0,
  async predict({ count, data }) {
    scorer.images += count;
    const rows = Array.from({ length: count }, (_, n) =>
      confidences(Array.from(data.subarray(SIZE * n, SIZE * (n + 1)), (level) => level / 255)),
    );
    return { count, numClasses: 3, data: Float32Array.from(rows.flat()) };
  },
  async gradient({ count, data }, objective) {
    scorer.gradients += count;
    if (objective.kind !== 'log-confidence') throw new Error('a climb asks for the logarithm of the confidence');
    const value = new Float32Array(count);
    const gradient = new Float32Array(data.length);
    for (let n = 0; n < count; n++) {
      const own = objective.classIndices[n]!;
      const p = confidences(data.subarray(SIZE * n, SIZE * (n + 1)));
      value[n] = Math.log(p[own]!);
      for (let i = 0; i < SIZE; i++) {
        gradient[SIZE * n + i] = PATTERNS[own]![i]! - PATTERNS.reduce((sum, w, k) => sum + p[k]! * w[i]!, 0);
      }
    }
    return { logits: new Float32Array(3 * count), value, gradient };
  },
};

const SMALL = { starts: 2, width: 4, layers: 1, steps: 6 };

function open(settings: Settings = SMALL, state?: SearchState) {
  const spec = resolveSearch({ emitter: 'cppn-gradient', generations: 30, batch: 3, settings }, shape);
  return openSearch(spec, { scorer, classIndices: [0, 1, 2], seed: 4 }, state);
}

describe('a climb by the weights of a CPPN', () => {
  const encoding = cppnEncoding(shape);
  const options = { outputs: 1, width: 6, layers: 2, inputWeight: 3, weightLimit: 10 } as const;

  it('raises the confidence of the 8-bit image, and tells that of the genome it gives back', async () => {
    const starts = [0, 1, 2].map((classIndex) => ({
      genome: layeredCppn(options, Random.stream(classIndex)),
      classIndex,
      rate: 0.1,
    }));
    const before = starts.map(({ genome }) => genome.bytes.slice());
    const { summits, gradients } = await climb(starts, { scorer, encoding, steps: 25, target: 1 });
    expect(gradients).toBe(75);
    for (const [row, { genome, value }] of summits.entries()) {
      const at = (bytes: Uint8Array): number => {
        const image = new Uint8Array(SIZE);
        encoding.render([encoding.unpack(bytes)], image);
        return confidences(Array.from(image, (level) => level / 255))[row]!;
      };
      expect(Math.exp(value)).toBeCloseTo(at(genome), 5);
      expect(at(genome)).toBeGreaterThan(at(before[row]!));
      // Starts are left alone.
      expect(starts[row]!.genome.bytes).toEqual(before[row]);
    }
  });

  it('ends at its target, where there is no slope, and where the gradient is not finite', async () => {
    const genome = layeredCppn(options, Random.stream(1));
    const start = { genome, classIndex: 0, rate: 0.1 };
    const near = await climb([start], { scorer, encoding, steps: 500, target: 0.5 });
    expect(near.gradients).toBeLessThan(500);
    expect(Math.exp(near.summits[0]!.value)).toBeGreaterThanOrEqual(0.5);
    const answering = (slope: number): GradientScorer => ({
      ...scorer,
      gradient: async ({ count }) => ({
        logits: new Float32Array(3 * count),
        value: new Float32Array(count).fill(-3),
        gradient: new Float32Array(SIZE * count).fill(slope),
      }),
    });
    for (const slope of [0, Number.NaN]) {
      const { summits, gradients } = await climb([start], { scorer: answering(slope), encoding, steps: 9, target: 1 });
      expect(gradients).toBe(1);
      expect(summits[0]!.genome).toEqual(genome.bytes);
    }
  });
});

it('a network in layers links every node to all inputs and to the layer below', () => {
  const genome = layeredCppn({ outputs: 3, width: 5, layers: 3, inputWeight: 6, weightLimit: 10 }, Random.stream(1));
  expect([...genome.linkCounts]).toEqual([...new Array(5).fill(4), ...new Array(10).fill(9), 6, 6, 6]);
  expect(() => cppnEncoding({ ...shape, channels: 3 }).unpack(genome.bytes)).not.toThrow();
  expect(genome.weights.every((weight) => Math.abs(weight) <= 6)).toBe(true);
});

describe('a search by cppn-gradient', () => {
  it('counts images, and three for each gradient', async () => {
    [scorer.images, scorer.gradients] = [0, 0];
    const search = open();
    for (let i = 0; i < 4; i++) await search.scheduler.step();
    expect(scorer.gradients).toBeGreaterThan(0);
    expect(search.scheduler.evaluations).toBe(scorer.images + 3 * scorer.gradients);
  });

  it('begins with some networks for each class, and finds more than random networks are', async () => {
    const search = open();
    const first = await search.scheduler.step();
    expect(first.evaluations).toBe(6);
    let last = first;
    while (!search.isDone) last = await search.scheduler.step();
    expect(last.worst).toBeGreaterThan(first.worst);
    // Of each elite the parent is told that the climb began at.
    expect(search.scheduler.archive.elites.every((elite) => elite !== undefined)).toBe(true);
  });

  it('goes on from a state to the same bits', async () => {
    const whole = open();
    for (let i = 0; i < 9; i++) await whole.scheduler.step();
    const resumed = open(SMALL, structuredClone(whole.scheduler.state()));
    for (const { scheduler } of [whole, resumed]) for (let i = 0; i < 9; i++) await scheduler.step();
    expect(resumed.scheduler.state()).toEqual(whole.scheduler.state());
    // Elites that another search sent have negative numbers.
    const sent = { ...whole.scheduler.state(), emitter: { visits: [1, 0, 2], from: [-9, -1, 4], vain: [0, 0, 1] } };
    expect(open(SMALL, sent).emitter.state()).toEqual(sent.emitter);
    const damaged = { ...whole.scheduler.state(), emitter: { visits: [1], from: [0], vain: [0] } };
    expect(() => open(SMALL, damaged)).toThrow('its visits is none of this search');
  });

  it('leaves classes alone that have reached the target', async () => {
    const search = open({ ...SMALL, target: 0 });
    const first = await search.scheduler.step();
    expect((await search.scheduler.step()).evaluations).toBe(first.evaluations);
  });

  it('precedes others until each class below the target had a climb', async () => {
    const { emitter, scheduler } = open({ ...SMALL, target: 0.999999 });
    const { archive } = scheduler;
    await scheduler.step();
    expect(emitter.precedes!(archive)).toBe(true);
    await scheduler.step();
    expect(emitter.precedes!(archive)).toBe(false);
    expect(open({ ...SMALL, target: 0 }).emitter.precedes!(archive)).toBe(false);
  });

  it('precedes others for each class once, however many cells a class has', async () => {
    const encoding = cppnEncoding(shape);
    const classIndices = [0, 0, 0, 1, 1, 1];
    const emitter = new CppnGradientEmitter({ scorer, encoding, classIndices }, CPPN_GRADIENT_SETTINGS.parse(SMALL));
    const archive = { thresholds: () => new Float32Array(6) } as unknown as Parameters<typeof emitter.precedes>[0];
    const visits = (...each: number[]) =>
      emitter.restore({ visits: each, from: Array(6).fill(-1), vain: Array(6).fill(0) });
    visits(0, 0, 0, 1, 0, 0);
    expect(emitter.precedes(archive)).toBe(true);
    visits(0, 0, 1, 1, 0, 0);
    expect(emitter.precedes(archive)).toBe(false);
  });

  it('begins with deeper networks where images are large', async () => {
    const hidden = async (side: number, layers: number): Promise<number> => {
      const size = { channels: 1, height: side, width: side } as const;
      const encoding = cppnEncoding(size);
      const settings = { ...CPPN_GRADIENT_SETTINGS.parse({ layers }), width: 3 };
      const emitter = new CppnGradientEmitter({ scorer, encoding, classIndices: [0] }, settings);
      const question = { count: 1, generation: 0, random: Random.stream(1) } as unknown as Question;
      const { candidates } = await emitter.ask(question);
      return encoding.unpack(candidates[0]!.genome!).activations.length - 1;
    };
    expect(await hidden(64, 0)).toBe(2 * 3);
    expect(await hidden(65, 0)).toBe(5 * 3);
    expect(await hidden(65, 1)).toBe(3);
  });

  it('mutates the structure where climbs are in vain', async () => {
    const structure = { addNode: 1, deleteNode: 0, deleteLink: 0, addLink: 0 };
    const flat: GradientScorer = {
      ...scorer,
      gradient: async ({ count }) => ({
        logits: new Float32Array(3 * count),
        value: new Float32Array(count).fill(-3),
        gradient: new Float32Array(SIZE * count),
      }),
    };
    const encoding = cppnEncoding(shape);
    const context = { scorer: flat, encoding, classIndices: [0], seed: 1, variation: undefined };
    const emitter = cppnGradientEmitter.create(context, { ...SMALL, ...structure, patience: 2 });
    const genome = layeredCppn({ outputs: 1, width: 4, layers: 1, inputWeight: 3, weightLimit: 10 }, Random.stream(1));
    const elite = { genome: genome.bytes, confidence: 0.1, id: 7 };
    const archive = { elites: [elite], thresholds: () => Float32Array.of(0.1), classIndices: [0] };
    const nodes: number[] = [];
    for (let generation = 1; generation <= 4; generation++) {
      const random = Random.stream(1, generation);
      const question = { archive, count: 1, generation, random } as unknown as Parameters<typeof emitter.ask>[0];
      const { candidates } = await emitter.ask(question);
      expect(candidates[0]!.parents).toEqual([elite]);
      nodes.push(encoding.unpack(candidates[0]!.genome!).activations.length);
      emitter.tell({ archive } as unknown as Parameters<typeof emitter.tell>[0]);
    }
    expect(nodes).toEqual([5, 5, 6, 6]);
  });

  it('needs gradients, and CPPNs', () => {
    const context = { scorer, encoding: cppnEncoding(shape), classIndices: [0], seed: 1, variation: undefined };
    const blind = { shape, predict: scorer.predict };
    expect(() => cppnGradientEmitter.create({ ...context, scorer: blind }, {})).toThrow('gives gradients');
    const other = { ...context, encoding: directEncoding(shape) };
    expect(() => cppnGradientEmitter.create(other, {})).toThrow('works on the encoding cppn, not on direct');
    expect(() => resolveSearch({ emitter: 'cppn-gradient', settings: { inputWeight: 0 } }, shape)).toThrow(
      'inputWeight of cppn-gradient is 0; give a number above 0',
    );
  });
});
