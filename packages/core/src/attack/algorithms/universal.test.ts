import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { dual, length, TOLERANCE } from '../norm.ts';
import { universalPerturbation } from './universal.ts';

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
