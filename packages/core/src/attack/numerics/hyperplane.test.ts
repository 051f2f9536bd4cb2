import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { LinearModel, randomLinearModel } from '../../testing/linear-model.ts';
import { deepfool } from '../algorithms/deepfool.ts';
import { fab } from '../algorithms/fab.ts';
import { length } from '../norm.ts';
import { attackImages } from '../run.ts';
import { nearestPlane, stepTo } from './hyperplane.ts';

const SIZE = 7;
const vector = (min: number, max: number) =>
  fc.float32Array({ min, max, noNaN: true, minLength: SIZE, maxLength: SIZE });
const SCENE = fc.record({
  image: vector(0, 1),
  weights: vector(-4, 4),
  /** Of what the box allows. */
  share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

const roomOf = (image: Float32Array, weights: Float32Array) =>
  image.map((pixel, i) => (weights[i]! > 0 ? 1 - pixel : pixel));

/** What can be gained inside the box. */
const mostOf = (image: Float32Array, weights: Float32Array) => dot(roomOf(image, weights), weights.map(Math.abs));

describe.each(['linf', 'l2', 'l1'] as const)('the step to a hyperplane in %s', (norm) => {
  it('gains what it has to, inside the box, by the shortest way (bisection over the length)', () => {
    fc.assert(
      fc.property(SCENE, ({ image, weights, share }) => {
        fc.pre(length(weights, 'linf') > 1e-2);
        const room = roomOf(image, weights);
        const amount = share * mostOf(image, weights);
        fc.pre(amount > 1e-4);
        const step = stepTo(image, weights, amount, norm);
        expect(dot(step, weights)).toBeCloseTo(amount, 4);
        for (const [i, value] of step.entries()) {
          expect(image[i]! + value).toBeGreaterThanOrEqual(-1e-6);
          expect(image[i]! + value).toBeLessThanOrEqual(1 + 1e-6);
        }
        // The largest gain of a step of a given length, by the conditions of Karush, Kuhn and Tucker.
        const gainOf = (size: number): number => {
          if (norm === 'linf')
            return room.reduce((sum, most, i) => sum + Math.abs(weights[i]!) * Math.min(size, most), 0);
          if (norm === 'l1') {
            const bound = (price: number): number =>
              price * size + room.reduce((sum, most, i) => sum + most * Math.max(0, Math.abs(weights[i]!) - price), 0);
            return Math.min(...[0, ...weights].map((weight) => bound(Math.abs(weight))));
          }
          // In L2 values move by min(t |w|, room): t by bisection on the length.
          const at = (t: number) => room.map((most, i) => Math.min(t * Math.abs(weights[i]!), most));
          let [low, high] = [0, 1e6];
          for (let pass = 0; pass < 100; pass++) {
            const middle = (low + high) / 2;
            if (length(at(middle), 'l2') < size) low = middle;
            else high = middle;
          }
          return dot(at(high), weights.map(Math.abs));
        };
        let [low, high] = [0, SIZE];
        for (let pass = 0; pass < 50; pass++) {
          const middle = (low + high) / 2;
          if (gainOf(middle) < amount) low = middle;
          else high = middle;
        }
        expect(length(step, norm)).toBeLessThan(high * 1.001 + 1e-5);
      }),
    );
  });

  it('goes as far as the box allows where that does not do', () => {
    fc.assert(
      fc.property(SCENE, ({ image, weights }) => {
        const most = mostOf(image, weights);
        expect(dot(stepTo(image, weights, 2 * most + 1, norm), weights)).toBeCloseTo(most, 4);
      }),
    );
  });
});

it('reaches the plane where a thousand values meet the box at a thousand different lengths', () => {
  const count = 1000;
  const image = Float32Array.from({ length: count }, (_, i) => 1 - 0.9 ** (i / 5));
  const weights = Float32Array.from({ length: count }, (_, i) => 1 + (i % 13));
  for (const norm of ['linf', 'l2'] as const) {
    const amount = 0.999 * mostOf(image, weights);
    expect(dot(stepTo(image, weights, amount, norm), weights) / amount).toBeCloseTo(1, 4);
  }
});

it('the nearest plane is that of the smallest |f| / |w|; one without a slope is none', () => {
  const flat = { value: 0, gradient: Float32Array.of(0, 0) };
  const planes = [flat, { value: 3, gradient: Float32Array.of(1, 0) }, { value: -4, gradient: Float32Array.of(3, 4) }];
  expect(nearestPlane(planes, 'l2')).toBe(2);
  // |w|_inf is 1 and 4, |w|_1 is 1 and 7.
  expect(nearestPlane([planes[1]!, { value: 13, gradient: Float32Array.of(2, 4) }], 'l1')).toBe(0);
  expect(nearestPlane([planes[1]!, { value: 13, gradient: Float32Array.of(2, 4) }], 'linf')).toBe(1);
  expect(nearestPlane([flat], 'l2')).toBeUndefined();
});

it.each([deepfool, fab])(
  '$name leaves an image on which two classes draw by a step that hardly shows',
  async (attack) => {
    const { shape, weights } = randomLinearModel(Random.stream(51), 2);
    const own = weights[0]!;
    const offset = own.reduce((sum, weight) => sum + weight * 0.5, 0);
    // Both classes score zero on the middle grey.
    const model = new LinearModel(shape, [own, own.map((weight) => -weight)], [-offset, offset]);
    const images = { ...shape, count: 1, data: new Float32Array(own.length).fill(0.5) };
    for (const norm of ['l2', 'linf'] as const) {
      const options = { norm, seed: 1, batch: 1, quantize: false };
      const [result] = await attackImages(model, attack, images, Int32Array.of(0), options);
      expect(result!.success).toBe(true);
      expect(result!.distances!.l2).toBeLessThan(1e-3);
    }
  },
);
