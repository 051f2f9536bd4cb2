import { describe, expect, it } from 'vitest';
import type { ImageShape } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { LinearModel, labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { deepfool } from '../algorithms/deepfool.ts';
import { bim } from '../algorithms/projected-gradient.ts';
import { attackImages } from '../run.ts';
import type { ExpectationSettings } from './expectation.ts';
import { drawTransformation, type Ranges } from './transformations.ts';

const STILL: Ranges = { rotation: 0, scale: 0, translation: 0, brightness: 0, contrast: 0, noise: 0 };
const shape: ImageShape = { channels: 3, height: 7, width: 9 };
const SIZE = 3 * 7 * 9;

function greys(random: Random, size = SIZE): Float32Array {
  return Float32Array.from({ length: size }, () => 0.4 + 0.2 * random.uniform());
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

describe('a transformation', () => {
  it.each([
    { rotation: 30 },
    { scale: 0.3 },
    { translation: 3 },
    { contrast: 0.3 },
    { brightness: 0.1, noise: 0.02 },
    { rotation: 20, scale: 0.2, translation: 2, brightness: 0.1, contrast: 0.2, noise: 0.02 },
  ])('with %o hands gradients back by its transpose: <A x, y> = <x, A* y>', (ranges) => {
    const random = Random.stream(111);
    for (let draw = 0; draw < 20; draw++) {
      const transformation = drawTransformation(random, shape, { ...STILL, ...ranges });
      const [image, change, y] = [greys(random), greys(random), greys(random)];
      const nudged = image.map((pixel, i) => pixel + 0.2 * (change[i]! - 0.5));
      const before = transformation.apply(nudged);
      const after = transformation.apply(image);
      // Where black comes in from outside a value may be cut: such values have no slope, and are left out.
      const open = y.map((value, i) =>
        after[i]! > 0 && after[i]! < 1 && before[i]! > 0 && before[i]! < 1 ? value : 0,
      );
      const forth = dot(
        after.map((value, i) => value - before[i]!),
        open,
      );
      const back = dot(
        image.map((value, i) => value - nudged[i]!),
        transformation.transpose(open),
      );
      expect(back).toBeCloseTo(forth, 5);
    }
  });

  it('without any range changes nothing', () => {
    const random = Random.stream(112);
    const image = greys(random);
    const transformation = drawTransformation(random, shape, STILL);
    expect(transformation.apply(image)).toEqual(image);
    expect(transformation.transpose(image)).toEqual(image);
  });

  it('that only moves keeps what stays in sight: a plane through the image slides by the same amount everywhere', () => {
    const random = Random.stream(113);
    const image = Float32Array.from({ length: SIZE }, (_, i) => 0.3 + 0.02 * (Math.floor((i % 63) / 9) + 2 * (i % 9)));
    for (let draw = 0; draw < 10; draw++) {
      const moved = drawTransformation(random, shape, { ...STILL, translation: 1 }).apply(image);
      const slides = [2, 3, 4].flatMap((row) =>
        [2, 3, 4, 5, 6].map((column) => moved[row * 9 + column]! - image[row * 9 + column]!),
      );
      for (const slide of slides) expect(slide).toBeCloseTo(slides[0]!, 5);
      expect(Math.abs(slides[0]!)).toBeLessThanOrEqual(0.06 + 1e-6);
    }
  });

  it('that only turns keeps the distance from the centre: rings stay rings', () => {
    const square: ImageShape = { channels: 1, height: 11, width: 11 };
    const image = Float32Array.from(
      { length: 121 },
      (_, i) => 0.9 - 0.01 * ((Math.floor(i / 11) - 5) ** 2 + ((i % 11) - 5) ** 2),
    );
    const random = Random.stream(114);
    for (let draw = 0; draw < 10; draw++) {
      const turned = drawTransformation(random, square, { ...STILL, rotation: 90 }).apply(image);
      for (let i = 0; i < 121; i++) {
        const radius = Math.hypot(Math.floor(i / 11) - 5, (i % 11) - 5);
        // Linear interpolation of a parabola is off by a quarter of its curvature in each direction at most.
        if (radius < 4) expect(Math.abs(turned[i]! - image[i]!)).toBeLessThan(0.0051);
      }
    }
  });
});

/** Two classes told apart by noise: what a shift by a pixel hides. */
async function noisy() {
  const model = randomLinearModel(Random.stream(115), 2, { channels: 1, height: 10, width: 10 });
  const { images, labels } = await labelledGreys(model, Random.stream(116), 6);
  return { model, images, labels };
}

const SHIFTS: ExpectationSettings = { ...STILL, draws: 12, translation: 1 };

describe('expectation over transformations', () => {
  it('gains more over shifts than the same steps without it', async () => {
    const { model, images, labels } = await noisy();
    /** What the last image of BIM, aimed out of reach so that it takes all its steps, gains over shifts. */
    const gain = async (expectation: ExpectationSettings | undefined): Promise<number> => {
      const random = Random.stream(117);
      let total = 0;
      for (const [row, label] of labels.entries()) {
        const data = images.data.slice(row * 100, (row + 1) * 100);
        const { weights } = model.difference(data, 1 - label, label);
        let last = data;
        const certain = new LinearModel(model.shape, model.weights, label === 0 ? [80, 0] : [0, 80]);
        const ears = new AlteredModel(certain, ({ image, gradient }) => {
          // Of the draws only the image as it is stays in the ball: the others have black at an edge.
          const largest = Math.max(...Array.from(image, (pixel, i) => Math.abs(pixel - data[i]!)));
          if (gradient.length === 0 && largest <= 0.1 + 1e-6) last = Float32Array.from(image);
        });
        await attackImages(ears, bim, { ...images, count: 1, data }, Int32Array.of(label), {
          targets: Int32Array.of(1 - label),
          epsilons: [0.1],
          seed: 3,
          batch: 4,
          quantize: false,
          ...(expectation === undefined ? {} : { expectation }),
        });
        for (let draw = 0; draw < 50; draw++) {
          const shift = drawTransformation(random, model.shape, SHIFTS);
          total += dot(shift.apply(last), weights) - dot(shift.apply(data), weights);
        }
      }
      return total;
    };
    const plain = await gain(undefined);
    expect(await gain(SHIFTS)).toBeGreaterThan(1.3 * Math.max(plain, 1));
  });

  it('costs its draws for each question after the first, and sees the original as it is', async () => {
    const { model, images, labels } = await noisy();
    const results = await attackImages(model, bim, images, labels, {
      epsilons: [0.001],
      seed: 3,
      batch: 4,
      quantize: false,
      expectation: SHIFTS,
    });
    // Ten steps and a look at the end.
    for (const { queries } of results) expect(queries).toEqual({ forward: 1 + 11 * 12, backward: 10 * 12 });
  });

  it('finds images that are still adversarial after most shifts, in 8 bits too', async () => {
    // Weights without the noise: what is gained at a pixel is gained beside it.
    const side = 10;
    const smooth = Float32Array.from({ length: side * side }, (_, i) =>
      Math.sin((Math.PI * (0.5 + (i % side))) / side),
    );
    const zero = new Float32Array(side * side);
    const total = smooth.reduce((sum, value) => sum + value, 0);
    // On black and on grey class 0; brighter than grey class 1.
    const model = new LinearModel({ channels: 1, height: side, width: side }, [zero, smooth], [0.55 * total, 0]);
    const images = { ...model.shape, count: 1, data: new Uint8Array(side * side).fill(128) };
    const surviving = async (expectation: ExpectationSettings | undefined): Promise<number> => {
      const [result] = await attackImages(model, deepfool, images, Int32Array.of(0), {
        seed: 3,
        batch: 4,
        quantize: true,
        ...(expectation === undefined ? {} : { expectation }),
      });
      expect(result!.success).toBe(true);
      const random = Random.stream(118);
      let survived = 0;
      for (let draw = 0; draw < 100; draw++) {
        const data = drawTransformation(random, model.shape, SHIFTS).apply(result!.image!);
        const { data: logits } = await model.logits({ ...model.shape, count: 1, data });
        if (logits[1]! > logits[0]!) survived++;
      }
      return survived;
    };
    expect(await surviving(undefined)).toBeLessThan(40);
    expect(await surviving(SHIFTS)).toBeGreaterThan(70);
  });
});
