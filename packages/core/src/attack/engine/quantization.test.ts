import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { greyAtDistances, LinearModel, labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { deepfool } from '../algorithms/deepfool.ts';
import { fgsm, pgd } from '../algorithms/projected-gradient.ts';
import { distances, isInside } from '../norm.ts';
import { attackImages } from '../run.ts';
import { drive } from './drive.ts';
import { imageOf, levelsOf, nearestQuantized, roundInside } from './quantization.ts';
import type { Sample } from './sample.ts';

const NORMS = ['l2', 'linf', 'l1', 'l0'] as const;

/** How far single values may go in the search through all images, in levels. */
const REACH = 7;

/** The nearest image of 5 values by looking at all: each value up to REACH levels along its slope. */
function nearestOfAll(weights: Float32Array, margin: number, norm: 'l2' | 'linf'): number {
  let least = Number.POSITIVE_INFINITY;
  const offsets = weights.map(() => 0);
  for (;;) {
    const gain = offsets.reduce((sum, offset, i) => sum + Math.abs(weights[i]!) * offset, 0) / 255;
    if (gain > margin + 1e-6) least = Math.min(least, norm === 'linf' ? Math.max(...offsets) : Math.hypot(...offsets));
    let at = 0;
    while (at < offsets.length && offsets[at] === REACH) offsets[at++] = 0;
    if (at === offsets.length) return least / 255;
    offsets[at]!++;
  }
}

/** Five pixels in the middle of the box, and a plane between the classes a few levels away. */
function scene(seed: number) {
  const random = Random.stream(101, seed);
  const shape = { channels: 1, height: 1, width: 5 } as const;
  const own = Float32Array.from({ length: 5 }, () => random.normal());
  const original = Uint8Array.from({ length: 5 }, () => 100 + random.integer(50));
  const image = imageOf(original);
  const zero = new Float32Array(5);
  const steep = own.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const margin = (steep * (1 + 3 * random.uniform())) / 255;
  const offset = margin - own.reduce((sum, weight, i) => sum + weight * image[i]!, 0);
  const model = new LinearModel(shape, [own, zero], [offset, 0]);
  const sample: Sample = {
    shape,
    numClasses: 2,
    image,
    logits: Float32Array.of(margin, 0),
    criterion: { label: 0, target: undefined },
    random,
  };
  // The nearest point in floating point, a little behind the plane.
  const squares = own.reduce((sum, weight) => sum + weight * weight, 0);
  const found = image.map((pixel, i) => pixel - (1.02 * margin * own[i]!) / squares);
  return { model, sample, own, margin, found };
}

describe('the nearest image in 8 bits of a linear model of five values', () => {
  it.each(['l2', 'linf', 'l1'] as const)(
    'is within a tenth of the nearest of all in %s, and adversarial',
    async (norm) => {
      let [sum, least] = [0, 0];
      for (let seed = 0; seed < 25; seed++) {
        const { model, sample, own, margin, found } = scene(seed);
        const [ending] = await drive(model, [() => nearestQuantized(sample, found, norm, true)], { batch: 1 });
        const levels = ending!.value!;
        const { data } = await model.logits({ ...model.shape, count: 1, data: levels });
        expect(data[1]).toBeGreaterThan(data[0]!);
        // In L1 the steepest value alone is the best there is: nothing gains more by a level.
        const steepest = Math.max(...own.map(Math.abs));
        const optimum = norm === 'l1' ? Math.ceil((255 * margin) / steepest) / 255 : nearestOfAll(own, margin, norm);
        const distance = distances(imageOf(levels), sample.image)[norm];
        expect(distance).toBeGreaterThan(optimum - 1e-6);
        // One level is much where all are few.
        expect(distance).toBeLessThan(Math.max(1.1 * optimum, optimum + 1.01 / 255));
        sum += distance;
        least += optimum;
      }
      expect(sum / least).toBeLessThan(1.1);
    },
  );

  it('is found from a perturbation that rounding destroys', async () => {
    const { model, sample } = scene(3);
    const [ending] = await drive(
      model,
      [
        () =>
          nearestQuantized(
            sample,
            sample.image.map((pixel) => pixel + 0.001),
            'l2',
            true,
          ),
      ],
      { batch: 1 },
    );
    expect(ending!.value).toBeDefined();
  });
});

it('changes the fewest values where the norm counts them (steepest first: a fractional knapsack)', async () => {
  const model = randomLinearModel(Random.stream(102), 2);
  const { images, labels } = await labelledGreys(model, Random.stream(103), 5);
  for (const [row, label] of labels.entries()) {
    const image = images.data.slice(row * 30, (row + 1) * 30);
    const { value, weights } = model.difference(image, 1 - label, label);
    const gains = Array.from(weights, (weight, i) => Math.abs(weight) * (weight > 0 ? 1 - image[i]! : image[i]!)).sort(
      (a, b) => b - a,
    );
    let [fewest, gain] = [0, value];
    while (gain <= 0) gain += gains[fewest++]!;
    const sample: Sample = {
      shape: model.shape,
      numClasses: 2,
      image,
      logits: new Float32Array(2),
      criterion: { label, target: undefined },
      random: Random.stream(1),
    };
    const far = image.map((pixel, i) => pixel + Math.sign(weights[i]!) * 0.3);
    const [ending] = await drive(model, [() => nearestQuantized(sample, far, 'l0', true)], { batch: 1 });
    expect(distances(imageOf(ending!.value!), image).l0).toBeLessThanOrEqual(fewest + 1);
  }
});

describe('rounding inside a ball', () => {
  const SCENE = fc.record({
    original: fc.uint8Array({ minLength: 6, maxLength: 6 }),
    criterion: fc.float32Array({ min: 0, max: 1, noNaN: true, minLength: 6, maxLength: 6 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it.each(NORMS)('stays inside in %s, and takes what fits as it is', (norm) => {
    fc.assert(
      fc.property(SCENE, ({ original, criterion, share }) => {
        const base = imageOf(original);
        const image = criterion.map((pixel, i) => base[i]! + share * (pixel - base[i]!));
        const epsilon = distances(image, base)[norm];
        const ball = { norm, epsilon };
        const levels = roundInside(image, base, ball);
        expect(isInside(imageOf(levels), base, ball)).toBe(true);
        const plain = levelsOf(image);
        if (distances(imageOf(plain), base)[norm] <= epsilon) expect(levels).toEqual(plain);
        for (const [i, level] of levels.entries())
          expect(Math.abs(level - plain[i]!)).toBeLessThanOrEqual(norm === 'l0' ? 255 : 1);
      }),
    );
  });

  it('in Linf the largest whole number of levels counts: 7 at .031, 8 at 8/255', () => {
    const base = imageOf(Uint8Array.of(100, 100));
    const far = Float32Array.of(0, 1);
    expect(roundInside(far, base, { norm: 'linf', epsilon: 0.031 })).toEqual(Uint8Array.of(93, 107));
    expect(roundInside(far, base, { norm: 'linf', epsilon: 8 / 255 })).toEqual(Uint8Array.of(92, 108));
  });
});

// 1/255 = .00392157, 8/255 = .03137255: typed with five digits, an epsilon is a little less than whole levels.
it.each([0.00392, 0.03137, 0.0314])('what is found in 8 bits at epsilon %d is inside', async (epsilon) => {
  const { shape, weights } = randomLinearModel(Random.stream(104), 2);
  const grey = imageOf(new Uint8Array(30).fill(128));
  const score = weights[0]!.reduce((sum, weight, i) => sum + weight * grey[i]!, 0);
  const steep = weights[0]!.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const zero = new Float32Array(30);
  const inside = Math.floor(epsilon * 255);
  for (const levels of [inside - 0.5, inside + 0.5].filter((count) => count > 0)) {
    const model = new LinearModel(shape, [weights[0]!, zero], [(levels * steep) / 255 - score, 0]);
    const images = { ...shape, count: 1, data: new Uint8Array(30).fill(128) };
    for (const attack of [fgsm, pgd]) {
      const options = { epsilons: [epsilon], seed: 1, batch: 1, quantize: true };
      const [result] = await attackImages(model, attack, images, Int32Array.of(0), options);
      expect(result!.success).toBe(levels < inside);
    }
  }
});

it('DeepFool in 8 bits goes 3 % further than in floating point at most, and always arrives', async () => {
  const shape = { channels: 3, height: 12, width: 12 } as const;
  // In L2, from 1.2 levels a value on.
  for (const nearest of [0.1, 0.15, 0.2, 0.3, 0.5]) {
    const scene = greyAtDistances(Random.stream(105), 'l2', [nearest, 1.5 * nearest, 2 * nearest], shape);
    const { model, images, labels } = scene;
    const distance = async (quantize: boolean): Promise<number> => {
      const [result] = await attackImages(model, deepfool, images, labels, { seed: 1, batch: 1, quantize });
      expect(result!.success).toBe(true);
      return result!.distances!.l2;
    };
    expect((await distance(true)) / (await distance(false))).toBeLessThan(1.03);
  }
});
