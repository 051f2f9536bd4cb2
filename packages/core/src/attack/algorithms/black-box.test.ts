import { describe, expect, it } from 'vitest';
import type { FloatImages } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { type LinearModel, labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import type { Attack } from '../attack.ts';
import { EXPECTATION } from '../engine/expectation.ts';
import { dual, length, type Norm } from '../norm.ts';
import type { AttackOptions } from '../options.ts';
import { attackImages } from '../run.ts';
import { boundary } from './boundary.ts';
import { hopSkipJump } from './hop-skip-jump.ts';
import { onePixel } from './one-pixel.ts';
import { simba, simbaDct } from './simba.ts';
import { square } from './square.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

/** An attack with what it needs to succeed on the linear models below, in reasonable time. */
interface Case {
  readonly attack: Attack;
  readonly norm: Norm;
  readonly options: Pick<AttackOptions, 'settings' | 'epsilons'>;
}

const CASES: readonly Case[] = [
  { attack: square, norm: 'linf', options: { epsilons: [0.1], settings: { steps: 300 } } },
  { attack: square, norm: 'l2', options: { epsilons: [0.9], settings: { steps: 300 } } },
  { attack: simba, norm: 'l2', options: {} },
  { attack: simbaDct, norm: 'l2', options: {} },
  { attack: onePixel, norm: 'l0', options: { settings: { pixels: 5, population: 40, generations: 20 } } },
  { attack: boundary, norm: 'l2', options: { settings: { steps: 300 } } },
  { attack: hopSkipJump, norm: 'l2', options: { settings: { steps: 4 } } },
  { attack: hopSkipJump, norm: 'linf', options: { settings: { steps: 4 } } },
];

async function scene(classes = 3, count = 6) {
  const model = randomLinearModel(Random.stream(21), classes);
  const { images, labels } = await labelledGreys(model, Random.stream(22), count);
  model.forward = 0;
  model.batches.length = 0;
  return { model, images, labels };
}

/** Images in another order. */
function reordered(images: FloatImages, labels: Int32Array, order: readonly number[]) {
  const size = images.data.length / images.count;
  const data = new Float32Array(order.length * size);
  order.forEach((from, row) => {
    data.set(images.data.subarray(from * size, (from + 1) * size), row * size);
  });
  return { images: { ...images, count: order.length, data }, labels: Int32Array.from(order, (i) => labels[i]!) };
}

describe.each(CASES)('$attack.name in $norm', ({ attack, norm, options }) => {
  const all: AttackOptions = { ...COMMON, ...options, norm };

  it('sees no gradient, and every image that it sees is counted', async () => {
    const { model, images, labels } = await scene();
    const results = await attackImages(model, attack, images, labels, all);
    const found = results.filter(({ image }) => image !== undefined).length;
    expect(results.some(({ success }) => success)).toBe(true);
    expect(model.backward).toBe(0);
    // What was found is looked at twice more, exactly and as bytes, to judge it.
    expect(model.forward).toBe(results.reduce((sum, { queries }) => sum + queries.forward, 0) + 2 * found);
  });

  it('keeps to its budget', async () => {
    const { model, images, labels } = await scene();
    for (const budget of [1, 2, 30]) {
      const results = await attackImages(model, attack, images, labels, { ...all, budget });
      for (const { queries } of results) expect(queries.forward).toBeLessThanOrEqual(budget);
    }
  });

  it('finds the same with the same seed, and whatever the batch', async () => {
    const { model, images, labels } = await scene();
    const first = await attackImages(model, attack, images, labels, all);
    for (const batch of [1, 3, 8]) {
      expect(await attackImages(model, attack, images, labels, { ...all, batch })).toEqual(first);
    }
  });

  it('is not influenced by the other images', async () => {
    const { model, images, labels } = await scene();
    const first = await attackImages(model, attack, images, labels, all);
    // The stream belongs to the place: only the others are exchanged.
    const others = reordered(images, labels, [0, 5, 4, 3, 2, 1]);
    const second = await attackImages(model, attack, others.images, others.labels, all);
    expect(second[0]).toEqual(first[0]);
  });

  it('reaches the class it aims at, or nothing', async () => {
    const { model, images, labels } = await scene(2);
    const targets = labels.map((label) => 1 - label);
    const results = await attackImages(model, attack, images, labels, { ...all, targets });
    expect(results.some(({ success }) => success)).toBe(true);
    for (const { success, decision, target } of results) expect(decision).toBe(success ? target : undefined);
  });

  it('finds nothing at epsilon 0', async () => {
    const { model, images, labels } = await scene();
    const results = await attackImages(model, attack, images, labels, { ...all, epsilons: [0] });
    expect(results.map(({ success }) => success)).toEqual(results.map(() => false));
  });
});

/** |Z_other - Z_label| / |w|_q: the exact distance to the plane between two classes (Hoelder), while the box is far away. */
function toPlane(model: LinearModel, { data, count }: FloatImages, row: number, label: number, norm: 'l2' | 'linf') {
  const size = data.length / count;
  const { value, weights } = model.difference(data.subarray(row * size, (row + 1) * size), 1 - label, label);
  return -value / length(weights, dual(norm));
}

describe.each([
  { attack: boundary, norms: ['l2'] },
  { attack: hopSkipJump, norms: ['l2', 'linf'] },
] as const)('$attack.name between two classes of a linear model', ({ attack, norms }) => {
  it.each(norms)('comes within 5 % of the plane in %s, aimed or not', async (norm) => {
    const { model, images, labels } = await scene(2, 3);
    for (const aim of [{}, { targets: labels.map((label) => 1 - label) }]) {
      const results = await attackImages(model, attack, images, labels, { ...COMMON, ...aim, norm });
      for (const { index, label, distances } of results) {
        const exact = toPlane(model, images, index, label, norm);
        expect(distances![norm] / exact).toBeGreaterThan(1 - 1e-5);
        expect(distances![norm] / exact).toBeLessThan(1.05);
      }
    }
  });
});

describe('Square between two classes of a linear model', () => {
  // The squares of L2 are three wide at least: in weights that are noise from pixel to pixel they gain less.
  it.each([
    { norm: 'linf', factor: 1.05 },
    { norm: 'l2', factor: 1.5 },
  ] as const)('finds an image a little behind the plane and none in front of it in $norm', async ({ norm, factor }) => {
    const { model, images, labels } = await scene(2, 3);
    const size = images.data.length / images.count;
    for (const [row, label] of labels.entries()) {
      const exact = toPlane(model, images, row, label, norm);
      const one = { ...images, count: 1, data: images.data.subarray(row * size, (row + 1) * size) };
      for (const aim of [{}, { targets: Int32Array.of(1 - label) }]) {
        const epsilons = [0.99 * exact, factor * exact];
        const options = { ...COMMON, ...aim, norm, epsilons };
        const results = await attackImages(model, square, one, Int32Array.of(label), options);
        expect(results.map(({ success }) => success)).toEqual([false, true]);
      }
    }
  });
});

describe.each([
  { name: 'boundary', attack: boundary, settings: { steps: 50 } },
  { name: 'hopskipjump', attack: hopSkipJump, settings: { steps: 2 } },
  { name: 'square', attack: square, settings: { steps: 50 } },
])('$name says how many of its queries were misread', ({ attack, settings }) => {
  it.each([undefined, { ...EXPECTATION, draws: 3 }])('as someone who watches the decisions counts: %o', async (eot) => {
    const { model, images, labels } = await scene(3, 1);
    const [label] = labels;
    const watch = async (quantize: boolean) => {
      let seen = 0;
      const watched = new AlteredModel(model, ({ logits }) => {
        if (logits.indexOf(Math.max(...logits)) !== label) seen++;
      });
      const options = {
        ...COMMON,
        settings,
        quantize,
        budget: 400,
        ...(eot === undefined ? {} : { expectation: eot }),
      };
      const epsilons = attack === square ? { epsilons: [0.3] } : {};
      const [result] = await attackImages(watched, attack, images, labels, { ...options, ...epsilons });
      // What was found is looked at twice more, or once where it is of whole levels.
      return { seen: seen - (result!.success ? (quantize ? 1 : 2) : 0), misread: result!.misread };
    };
    for (const quantize of [false, true]) {
      const { seen, misread } = await watch(quantize);
      expect(seen).toBeGreaterThan(0);
      expect(misread).toBe(seen);
    }
  });
});
