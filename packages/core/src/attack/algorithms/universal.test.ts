import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { EXPECTATION } from '../engine/expectation.ts';
import { dual, length, TOLERANCE } from '../norm.ts';
import type { AttackOptions } from '../options.ts';
import { attackImages } from '../run.ts';
import { universal, universalPerturbation } from './universal.ts';

const RUN = { seed: 1, batch: 16, quantize: false } as const;

/** The images of one class of a linear model of two, and the distance of the furthest and the nearest to the plane. */
async function oneSide(norm: 'l2' | 'linf') {
  const model = randomLinearModel(Random.stream(121), 2);
  const { images, labels } = await labelledGreys(model, Random.stream(122), 30);
  const size = images.data.length / images.count;
  const rows = [...labels.keys()].filter((row) => labels[row] === labels[0]);
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, place) => {
    data.set(images.data.subarray(row * size, (row + 1) * size), place * size);
  });
  const distances = rows.map((_, place) => {
    const { value, weights } = model.difference(
      data.subarray(place * size, (place + 1) * size),
      1 - labels[0]!,
      labels[0]!,
    );
    return -value / length(weights, dual(norm));
  });
  return {
    model,
    images: { ...images, count: rows.length, data },
    labels: Int32Array.from(rows, () => labels[0]!),
    nearest: Math.min(...distances),
    furthest: Math.max(...distances),
  };
}

describe.each(['l2', 'linf'] as const)('a universal perturbation of a linear model in %s', (norm) => {
  const common = { seed: 1, delta: 0, epochs: 5, batch: 16 };

  it('takes all images of a class over the plane where its ball reaches beyond the furthest', async () => {
    const { model, images, labels, furthest } = await oneSide(norm);
    const ball = { norm, epsilon: 1.1 * furthest };
    const { perturbation, foolingRates } = await universalPerturbation(model, images, labels, { ...common, ball });
    expect(foolingRates.at(-1)).toBe(1);
    expect(length(perturbation, norm)).toBeLessThanOrEqual(ball.epsilon * (1 + TOLERANCE) + TOLERANCE);
    // What one more look says.
    const size = perturbation.length;
    const data = images.data.map((pixel, i) => Math.min(1, Math.max(0, pixel + perturbation[i % size]!)));
    const { data: logits } = await model.logits({ ...images, data });
    for (const [row, label] of labels.entries())
      expect(logits[2 * row + 1 - label]).toBeGreaterThan(logits[2 * row + label]!);
  });

  it('takes none over it where the ball ends before the nearest', async () => {
    const { model, images, labels, nearest } = await oneSide(norm);
    const ball = { norm, epsilon: 0.95 * nearest };
    const { perturbation, foolingRates } = await universalPerturbation(model, images, labels, { ...common, ball });
    expect(foolingRates).toEqual([0, 0, 0, 0, 0]);
    expect(length(perturbation, norm)).toBeLessThanOrEqual(ball.epsilon * (1 + TOLERANCE) + TOLERANCE);
  });

  it('is done when the share delta is left, and the same with the same seed', async () => {
    const { model, images, labels, nearest, furthest } = await oneSide(norm);
    const ball = { norm, epsilon: (nearest + furthest) / 2 };
    const options = { ...common, ball, delta: 0.99 };
    const first = await universalPerturbation(model, images, labels, options);
    expect(first.foolingRates.length).toBe(1);
    expect(await universalPerturbation(model, images, labels, options)).toEqual(first);
  });
});

describe('the universal attack on images', () => {
  it('judges each of them under the perturbation found at each radius', async () => {
    const { model, images, labels, nearest, furthest } = await oneSide('linf');
    const epsilons = [1.1 * furthest, 0.95 * nearest];
    const results = await attackImages(model, universal, images, labels, { ...RUN, norm: 'linf', epsilons });
    const [small, large] = [results.slice(0, images.count), results.slice(images.count)];
    expect(small.map(({ epsilon, success }) => [epsilon, success])).toEqual(small.map(() => [epsilons[1], false]));
    expect(
      large.filter(({ success, by, label, decision }) => success && by === 'uap' && decision === 1 - label),
    ).toEqual(large);
    const size = images.data.length / images.count;
    const perturbations = large.map(({ image, index }) =>
      image!.map((pixel, i) => pixel - images.data[index * size + i]!),
    );
    for (const perturbation of perturbations) {
      for (const [i, change] of perturbation.entries()) expect(change).toBeCloseTo(perturbations[0]![i]!, 6);
    }
  });

  it('takes 10/255 where no radius is given', async () => {
    const { model, images, labels } = await oneSide('linf');
    const results = await attackImages(model, universal, images, labels, { ...RUN, norm: 'linf' });
    expect(new Set(results.map(({ epsilon }) => epsilon))).toEqual(new Set([10 / 255]));
  });

  it('refuses what makes sense for single images only', async () => {
    const { model, images, labels } = await oneSide('linf');
    const run = (options: Partial<AttackOptions>) =>
      attackImages(model, universal, images, labels, { ...RUN, ...options });
    await expect(run({ budget: 10 })).rejects.toThrow(
      'uap looks for one perturbation for all images together, a budget',
    );
    await expect(run({ expectation: EXPECTATION })).rejects.toThrow('and knows no transformations');
    await expect(run({ targets: labels.map((label) => 1 - label) })).rejects.toThrow('uap cannot aim at a class');
    await expect(run({ norm: 'l1' })).rejects.toThrow('uap works in linf, l2, not in l1');
    await expect(run({ settings: { delta: 2 } })).rejects.toThrow(
      'delta of uap is 2; give a number of at least 0 and at most 1',
    );
  });
});
