import { describe, expect, it } from 'vitest';
import { argmax } from '../classifier/scores.ts';
import type { FloatImages } from '../image/images.ts';
import { Random } from '../random/random.ts';
import type { Settings } from '../settings/settings.ts';
import { AlteredModel } from '../testing/altered-model.ts';
import { greyAtDistances, type LinearModel, labelledGreys, randomLinearModel } from '../testing/linear-model.ts';
import { type MlpModel, randomMlpModel } from '../testing/mlp-model.ts';
import type { TargetModel } from './engine/target-model.ts';
import type { Norm } from './norm.ts';
import type { AttackOptions } from './options.ts';
import { ATTACKS } from './registry.ts';
import type { AttackResult } from './result.ts';
import { attackImages } from './run.ts';

/** Searches long enough to succeed on thirty pixels, and no longer. */
const SHORT: Readonly<Record<string, Settings>> = {
  pgd: { steps: 15 },
  'apgd-ce': { steps: 15 },
  'apgd-dlr': { steps: 15 },
  'apgd-t': { steps: 15 },
  cw: { steps: 50, searchSteps: 4, rate: 0.02, constant: 0.1 },
  ddn: { steps: 30 },
  fab: { steps: 10 },
  'fab-t': { steps: 10 },
  lbfgs: { iterations: 15, searchSteps: 4 },
  jsma: { gamma: 0.6 },
  square: { steps: 150 },
  'one-pixel': { pixels: 4, population: 12, generations: 8 },
  boundary: { steps: 60 },
  hopskipjump: { steps: 2, draws: 30 },
  rays: { steps: 200 },
  cgba: { steps: 3 },
};

/** Those that draw anything at random. */
const RANDOM = new Set(
  'pgd apgd-ce apgd-dlr apgd-t square simba simba-dct one-pixel boundary hopskipjump cgba autoattack'.split(' '),
);

const EPSILONS: Readonly<Record<Norm, readonly number[]>> = {
  linf: [0.01, 0.04, 0.12],
  l2: [0.08, 0.3, 0.8],
  l1: [0.3, 1, 3],
  l0: [1, 3, 10],
};

/** What works on one image at a time; see universal.test.ts for the others. */
const SINGLE = ATTACKS.filter((attack) => attack.kind !== 'universal');

const CASES = SINGLE.flatMap((attack) => attack.norms.map((norm) => ({ attack, norm, name: attack.name })));

/** The image whose label is not what the network says. */
const WRONG = 2;

/** The class aimed at. */
const TARGET = 3;

interface Scene {
  readonly model: LinearModel | MlpModel;
  readonly images: FloatImages;
  readonly labels: Int32Array;
}

async function scene(model: LinearModel | MlpModel): Promise<Scene> {
  const { images, labels } = await labelledGreys(model, Random.stream(32), 5);
  labels[WRONG] = (labels[WRONG]! + 1) % model.numClasses;
  model.forward = 0;
  return { model, images, labels };
}

const linear = (): Promise<Scene> => scene(randomLinearModel(Random.stream(31)));
const bent = (): Promise<Scene> => scene(randomMlpModel(Random.stream(33)));

/** Images in another order. */
function reordered({ images, labels }: Scene, order: readonly number[]) {
  const size = images.data.length / images.count;
  const data = new Float32Array(order.length * size);
  order.forEach((from, row) => {
    data.set(images.data.subarray(from * size, (from + 1) * size), row * size);
  });
  return { images: { ...images, count: order.length, data }, labels: Int32Array.from(order, (i) => labels[i]!) };
}

/** Everything about results but the seed's own choices: that they are what they say. */
async function expectSound(
  { model, images }: { readonly model: TargetModel; readonly images: FloatImages },
  results: readonly AttackResult[],
  norm: Norm,
) {
  const size = images.data.length / images.count;
  for (const { index, epsilon, image, distances, success, label, target, decision } of results) {
    expect(success).toBe(image !== undefined);
    if (image === undefined) continue;
    const original = images.data.subarray(index * size, (index + 1) * size);
    const changes = Array.from(image, (pixel, i) => Math.abs(pixel - original[i]!));
    const measured = {
      l0: changes.filter((change) => change > 0).length,
      l1: changes.reduce((sum, change) => sum + change, 0),
      l2: Math.hypot(...changes),
      linf: Math.max(...changes),
    };
    expect(Math.min(...image)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...image)).toBeLessThanOrEqual(1);
    for (const each of ['l0', 'l1', 'l2', 'linf'] as const) expect(distances![each]).toBeCloseTo(measured[each], 6);
    if (epsilon !== undefined) expect(measured[norm]).toBeLessThanOrEqual(epsilon * (1 + 1e-5) + 1e-6);
    const { data } = await model.logits({ ...model.shape, count: 1, data: image });
    expect(argmax(data)).toBe(decision);
    if (target === undefined) expect(decision).not.toBe(label);
    else expect(decision).toBe(target);
  }
}

describe.each(CASES)('$name in $norm', ({ attack, norm }) => {
  const settings = SHORT[attack.name] ?? {};
  const options: AttackOptions = { seed: 7, batch: 8, quantize: false, norm, settings, epsilons: EPSILONS[norm] };
  const on = (
    { model, images, labels }: Omit<Scene, 'model'> & { model: TargetModel },
    changes: Partial<AttackOptions> = {},
  ) => attackImages(model, attack, images, labels, { ...options, ...changes });

  it('finds what it says, counts what it asks, and a wider ball holds what a smaller one does', async () => {
    for (const make of [linear, bent]) {
      const all = await make();
      const results = await on(all);
      const spent = { forward: all.model.forward, backward: all.model.backward };
      const last = results.slice(-all.images.count);
      const found = new Set(results.flatMap(({ image }) => image ?? []));
      const asked = last.reduce((sum, { queries }) => sum + queries.forward, 0);
      // What was found is looked at twice more, exactly and as bytes, to judge it; so is what minimises and is too far.
      const judged = (spent.forward - asked) / 2;
      if (attack.kind !== 'minimal') expect(judged).toBe(found.size);
      else expect([...Array(all.images.count + 1).keys()].slice(found.size)).toContain(judged);
      expect(spent.backward).toBe(last.reduce((sum, { queries }) => sum + queries.backward, 0));
      await expectSound(all, results, norm);
      for (let i = all.images.count; i < results.length; i++) {
        const [smaller, larger] = [results[i - all.images.count]!, results[i]!];
        expect(larger.index).toBe(smaller.index);
        if (smaller.success) expect(larger.success).toBe(true);
      }
      expect(last.some(({ success, initiallyWrong }) => success && !initiallyWrong)).toBe(true);
      const wrong = results.filter(({ index }) => index === WRONG);
      for (const { success, initiallyWrong, stop, distances, queries } of wrong) {
        expect({ success, initiallyWrong, stop, queries, l1: distances!.l1 }).toEqual({
          success: true,
          initiallyWrong: true,
          stop: 'initially wrong',
          queries: { forward: 1, backward: 0 },
          l1: 0,
        });
      }
    }
  });

  it('finds the same with the same seed, whatever the batch and whatever the other images', async () => {
    const all = await bent();
    const first = await on(all);
    for (const batch of [1, 3]) expect(await on(all, { batch })).toEqual(first);
    // The stream belongs to the place: the images in between are exchanged.
    const others = { ...all, ...reordered(all, [0, 3, 1, 2, 4]) };
    const second = await on(others);
    const kept = (results: readonly AttackResult[]) => results.filter(({ index }) => index === 0 || index === 4);
    expect(kept(second)).toEqual(kept(first));
  });

  it(`asks ${RANDOM.has(attack.name) ? 'other' : 'the same'} questions with another seed`, async () => {
    const all = await linear();
    const asked = async (seed: number): Promise<string> => {
      const log: string[] = [];
      const ears = new AlteredModel(all.model, ({ image }) => log.push(image.join()));
      await on({ ...all, model: ears }, { seed, budget: 60 });
      return log.join('\n');
    };
    const first = await asked(7);
    expect(await asked(7)).toBe(first);
    if (RANDOM.has(attack.name)) expect(await asked(8)).not.toBe(first);
    else expect(await asked(8)).toBe(first);
  });

  it('keeps to its budget, and finds no less with a larger one', async () => {
    const all = await bent();
    let before: readonly AttackResult[] = [];
    for (const budget of [1, 9, 40, 100]) {
      all.model.forward = 0;
      const results = await on(all, { budget });
      for (const { queries, stop } of results) {
        expect(queries.forward).toBeLessThanOrEqual(budget);
        expect(stop).not.toBe('not finite');
      }
      for (const [i, { success, distances }] of before.entries()) {
        if (!success) continue;
        expect(results[i]!.success).toBe(true);
        if (attack.kind === 'minimal') expect(results[i]!.distances![norm]).toBeLessThanOrEqual(distances![norm]);
      }
      before = results;
    }
  });

  it('finds nothing at epsilon 0 but what was wrong before', async () => {
    const results = await on(await bent(), { epsilons: [0] });
    expect(results.filter(({ success }) => success).map(({ index }) => index)).toEqual([WRONG]);
  });

  it.skipIf(!attack.targeted)('reaches the class it aims at, or nothing', async () => {
    const targets = Int32Array.of(TARGET);
    const largest = EPSILONS[norm].at(-1)!;
    // The target's plane is well inside the largest ball, and two classes stand nearer. A single value of 30 makes all of a
    // distance in L1 below 0.4, so this is the scene for L0, too.
    const near = norm === 'l0' || norm === 'l1' ? 0.2 : largest / 4;
    const all = greyAtDistances(Random.stream(35), norm === 'l0' ? 'l1' : norm, [0.8 * near, 0.9 * near, near]);
    const results = await on(all, { targets, ...(attack.kind === 'minimal' ? { epsilons: [] } : {}) });
    await expectSound(all, results, norm);
    expect(results.some(({ success }) => success)).toBe(true);
  });

  it('leaves the other images alone where the outputs of one are not finite', async () => {
    const all = await bent();
    const size = all.images.data.length / all.images.count;
    const [sick, healthy] = [1, [0, 2, 3, 4]];
    const original = all.images.data.subarray(sick * size, (sick + 1) * size);
    const broken = new AlteredModel(all.model, ({ image, logits }) => {
      if (image.every((value, i) => value === original[i])) logits[3] = Number.NaN;
    });
    const results = await on({ ...all, model: broken });
    const sound = await on(all);
    const of = (list: readonly AttackResult[]) => list.filter(({ index }) => healthy.includes(index));
    expect(of(results)).toEqual(of(sound));
    for (const { index, success, stop, predicted } of results) {
      if (index === sick)
        expect({ success, stop, predicted }).toEqual({ success: false, stop: 'not finite', predicted: undefined });
    }
  });

  it('ends as not finite, without an image, where all but the originals break the network', async () => {
    const all = await linear();
    const size = all.images.data.length / all.images.count;
    const originals = new Set(
      Array.from(all.labels, (_, row) => all.images.data.subarray(row * size, (row + 1) * size).join()),
    );
    const broken = new AlteredModel(all.model, ({ image, logits }) => {
      if (!originals.has(image.join())) logits.fill(Number.POSITIVE_INFINITY);
    });
    const results = await on({ ...all, model: broken });
    for (const { index, success, stop } of results) {
      if (index !== WRONG) expect({ success, stop }).toEqual({ success: false, stop: 'not finite' });
    }
  });

  it('bears a network without any gradient', async () => {
    const all = await linear();
    const flat = new AlteredModel(all.model, ({ gradient }) => gradient.fill(0));
    const results = await on({ ...all, model: flat });
    await expectSound({ ...all, model: flat }, results, norm);
    expect(results.map(({ stop }) => stop)).not.toContain('not finite');
  });

  it('finds images that a file can hold when asked to, also at the end of its budget', async () => {
    const all = await linear();
    for (const budget of [25, 100_000]) {
      const results = await on(all, { quantize: true, budget });
      await expectSound(all, results, norm);
      for (const { image, survives8Bit, label, stop, queries } of results) {
        expect(stop).not.toBe('not finite');
        expect(queries.forward).toBeLessThanOrEqual(budget);
        if (image === undefined) continue;
        for (const pixel of image) expect(Math.abs(pixel * 255 - Math.round(pixel * 255))).toBeLessThan(1e-4);
        const levels = Uint8Array.from(image, (pixel) => Math.round(pixel * 255));
        const { data } = await all.model.logits({ ...all.model.shape, count: 1, data: levels });
        expect(argmax(data)).not.toBe(label);
        expect(survives8Bit).toBe(true);
      }
      if (budget > 25) expect(results.some(({ success, initiallyWrong }) => success && !initiallyWrong)).toBe(true);
    }
  });
});

const CLIMBING = ATTACKS.filter(({ kind, access }) => {
  return kind === 'fixed' && access === 'gradients';
});

describe('the smallest epsilon', () => {
  it.each(CLIMBING)('of $name is found to 5 % of the distance to the plane between two classes', async (attack) => {
    const options = { seed: 1, batch: 8, quantize: false };
    for (const [seed, exact] of [0.02, 0.06, 0.12, 0.3].entries()) {
      const { model, images, labels } = greyAtDistances(Random.stream(34, seed), 'linf', [exact]);
      const [result] = await attackImages(model, attack, images, labels, options);
      expect(result!.distances!.linf / exact).toBeGreaterThan(1 - 1e-5);
      expect(result!.distances!.linf / exact).toBeLessThan(1.05);
    }
  });
});
