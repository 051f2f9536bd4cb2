import { describe, expect, it } from 'vitest';
import type { FloatImages } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import type { Settings } from '../../settings/settings.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { LinearModel, labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { randomMlpModel } from '../../testing/mlp-model.ts';
import { defineFixedAttack, defineMinimalAttack } from '../attack.ts';
import { isAdversarial } from '../criterion.ts';
import { z } from '../kit.ts';
import { ATTACKS } from '../registry.ts';
import { attackImages } from '../run.ts';
import { EXPECTATION } from './expectation.ts';
import { imageOf, levelsOf } from './quantization.ts';
import { logitsOf, logitsOfEach } from './query.ts';
import type { TargetModel } from './target-model.ts';

const COMMON = { seed: 1, batch: 8, quantize: true } as const;

/** Few enough to be asked about within the budgets. */
const SETTINGS: Readonly<Record<string, Settings>> = { 'one-pixel': { pixels: 8, population: 12 } };

const CASES = ATTACKS.filter(({ kind }) => kind === 'minimal').flatMap((attack) =>
  attack.norms.map((norm) => ({ attack, norm, name: attack.name })),
);

/** A model that remembers what it was asked about, as bytes. */
function heard(model: TargetModel): { readonly ears: TargetModel; readonly asked: Uint8Array[] } {
  const asked: Uint8Array[] = [];
  const ears = new AlteredModel(model, ({ image }) => {
    asked.push(image instanceof Uint8Array ? image.slice() : levelsOf(image));
  });
  return { ears, asked };
}

describe('a search with a small budget ends with an image that a file can hold', () => {
  it.each(CASES)(
    'where anything that $name asked about in $norm was adversarial when rounded',
    async ({ attack, norm }) => {
      let found = 0;
      for (const model of [randomLinearModel(Random.stream(31), 3), randomMlpModel(Random.stream(33))]) {
        const { images, labels } = await labelledGreys(model, Random.stream(32), 4);
        const size = images.data.length / images.count;
        for (const [row, label] of labels.entries()) {
          const one: FloatImages = { ...images, count: 1, data: images.data.subarray(row * size, (row + 1) * size) };
          for (const budget of [11, 24, 60, 150]) {
            const { ears, asked } = heard(model);
            const options = { ...COMMON, norm, budget, settings: SETTINGS[attack.name] ?? {} };
            const [result] = await attackImages(ears, attack, one, Int32Array.of(label), options);
            expect(result!.queries.forward).toBeLessThanOrEqual(budget);
            const data = new Uint8Array(asked.length * size);
            for (const [place, levels] of asked.entries()) data.set(levels, place * size);
            const logits = await model.logits({ ...model.shape, count: asked.length, data });
            const reached = asked.some((_, place) =>
              isAdversarial(
                { label, target: undefined },
                logits.data.subarray(place * model.numClasses, (place + 1) * model.numClasses),
              ),
            );
            if (reached) expect(result!.success, `image ${row}, budget ${budget}`).toBe(true);
            if (result!.success) found++;
          }
        }
      }
      expect(found).toBeGreaterThan(0);
    },
  );
});

/** Class 0 up to a mean of half grey, class 1 above it. */
const shape = { channels: 1, height: 1, width: 4 } as const;
const halves = new LinearModel(shape, [new Float32Array(4), new Float32Array(4).fill(1)], [2, 0]);
const dark = { ...shape, count: 1, data: new Uint8Array(4).fill(100) };
const DESCRIBED = {
  title: 'Test',
  paper: 'none, 2026',
  summary: 'asks about given images',
  access: 'scores',
  norms: ['l2'],
  targeted: false,
  settings: z.object({}),
} as const;
const grey = (value: number): Float32Array => new Float32Array(4).fill(value);

describe('the end of a budget', () => {
  // One query for the original, three that lead nowhere, one that is adversarial, one for its bytes.
  const late = defineFixedAttack({
    ...DESCRIBED,
    name: 'late',
    *search() {
      for (const value of [0.4, 0.42, 0.44, 0.601, 0.46]) yield* logitsOf(grey(value));
    },
  });

  it('leaves a query to see what was found as bytes, or does not look for it', async () => {
    for (const [budget, spent] of [
      [5, 4],
      [6, 6],
    ] as const) {
      const options = { ...COMMON, epsilons: [2], budget };
      const [result] = await attackImages(halves, late, dark, Int32Array.of(0), options);
      expect({ success: result!.success, stop: result!.stop }).toEqual(
        budget === 6 ? { success: true, stop: 'found' } : { success: false, stop: 'budget' },
      );
      expect(result!.queries.forward).toBe(spent);
    }
  });

  it('is counted in passes where each query is made over several transformations', async () => {
    const expectation = { ...EXPECTATION, rotation: 0, scale: 0, translation: 0, brightness: 0, contrast: 0, noise: 0 };
    for (const [budget, spent] of [
      [50, 31],
      [51, 51],
    ] as const) {
      const options = { ...COMMON, epsilons: [2], budget, expectation };
      const [result] = await attackImages(halves, late, dark, Int32Array.of(0), options);
      expect(result!.success).toBe(budget === 51);
      expect(result!.queries.forward).toBe(spent);
    }
  });

  it('brings a smaller ball what was found in a larger one, when the smallest epsilon is searched for', async () => {
    const [result] = await attackImages(halves, late, dark, Int32Array.of(0), { ...COMMON, budget: 40 });
    expect(result!.success).toBe(true);
    expect(result!.queries.forward).toBeLessThanOrEqual(40);
  });
});

describe('an image found in floating point that rounding breaks', () => {
  // The corner of an adversarial cell less than a level wide lies nearer than what is adversarial as bytes.
  const narrow = new AlteredModel(halves, ({ image, logits }) => {
    const first = image instanceof Uint8Array ? image[0]! / 255 : image[0]!;
    if (first > 100.4 / 255 && first < 100.6 / 255) logits[1] = logits[0]! + 0.01;
  });
  const twice = (values: readonly number[]) =>
    defineMinimalAttack({
      ...DESCRIBED,
      access: 'decisions',
      name: 'twice',
      *search() {
        yield* logitsOfEach(values.map(grey));
        for (;;) yield* logitsOf(grey(0.3));
      },
    });

  it.each([{ values: [0.9, 100.5 / 255] }, { values: [100.5 / 255, 0.9] }, { values: [0.9, 0.7, 100.5 / 255] }])(
    'leaves one that was adversarial as bytes, and comes nearer: $values',
    async ({ values }) => {
      for (const budget of [20, 100, 400]) {
        const [result] = await attackImages(narrow, twice(values), dark, Int32Array.of(0), { ...COMMON, budget });
        expect(result!.success).toBe(true);
        expect(result!.queries.forward).toBeLessThanOrEqual(budget);
        // Mean of more than half grey: 128 levels and no image of whole levels before that.
        expect(result!.distances!.l2).toBeGreaterThanOrEqual((2 * 28) / 255 - 1e-6);
        const most = budget === 400 ? 30 : budget === 100 ? 38 : 130;
        expect(result!.distances!.l2).toBeLessThan((2 * most) / 255);
        expect(imageOf(levelsOf(result!.image!))).toEqual(result!.image);
      }
    },
  );
});
