import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import { LinearModel, labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { boundary } from '../algorithms/boundary.ts';
import { hopSkipJump } from '../algorithms/hop-skip-jump.ts';
import { distances } from '../norm.ts';
import { attackImages } from '../run.ts';
import { between, toBoundary } from './adversarial-start.ts';
import { drive } from './drive.ts';
import type { Sample } from './sample.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

describe('the image between two others', () => {
  const original = Float32Array.of(0.5, 0.5, 0.5, 0.5);
  const image = Float32Array.of(1, 0.6, 0.5, 0.1);

  it('is on the straight line for L2', () => {
    expect([...between(original, image, 0.5, 'l2')].map((value) => value.toFixed(6))).toEqual(
      [0.75, 0.55, 0.5, 0.3].map((value) => value.toFixed(6)),
    );
  });

  it('is cut to a share of the distance for Linf', () => {
    // Half of .5, the largest change.
    expect([...between(original, image, 0.5, 'linf')].map((value) => value.toFixed(6))).toEqual(
      [0.75, 0.6, 0.5, 0.25].map((value) => value.toFixed(6)),
    );
  });

  it('has all changes shortened alike for L1', () => {
    // The changes are .5, .1, 0 and -.4; half of the largest is taken off each.
    expect([...between(original, image, 0.5, 'l1')].map((value) => value.toFixed(6))).toEqual(
      [0.75, 0.5, 0.5, 0.35].map((value) => value.toFixed(6)),
    );
  });

  it('has a share of the changes for L0, the largest ones', () => {
    expect([...between(original, image, 0.67, 'l0')].map((value) => value.toFixed(6))).toEqual(
      [1, 0.5, 0.5, 0.1].map((value) => value.toFixed(6)),
    );
  });

  it.each(['l2', 'linf', 'l1', 'l0'] as const)('is one of the two at the ends in %s', (norm) => {
    expect(between(original, image, 0, norm)).toEqual(original);
    expect(between(original, image, 1, norm)).toEqual(image);
  });
});

describe('the bisection to the boundary', () => {
  it('ends on the adversarial side, within its tolerance', async () => {
    const model = randomLinearModel(Random.stream(41), 2);
    const { images, labels } = await labelledGreys(model, Random.stream(42), 1);
    const label = labels[0]!;
    const { weights, value } = model.difference(images.data, 1 - label, label);
    // As far up the weights as the box allows: that is in the other class.
    const far = weights.map((weight) => (weight > 0 ? 1 : 0));
    const gain = far.reduce((sum, pixel, i) => sum + weights[i]! * (pixel - images.data[i]!), 0);
    const sample: Sample = {
      shape: model.shape,
      numClasses: 2,
      image: images.data,
      logits: new Float32Array(2),
      criterion: { label, target: undefined },
      random: Random.stream(43),
    };
    const [ending] = await drive(model, [() => toBoundary(sample, far, 'l2', 1e-3)], { batch: 1 });
    const share = distances(ending!.value!, images.data).l2 / distances(far, images.data).l2;
    expect(share).toBeGreaterThan(-value / gain - 1e-6);
    expect(share).toBeLessThan(-value / gain + 1e-3);
    // Halvings of 1 to 1/1024.
    expect(ending!.queries.forward).toBe(10);
  });
});

it('an adversarial start is found beyond noise, black and white, between two classes of a linear model', async () => {
  // Class 1 only where the upper half is all but white and the lower half all but black.
  const shape = { channels: 1, height: 16, width: 16 } as const;
  const halves = Float32Array.from({ length: 256 }, (_, i) => (i < 128 ? 1 : -1));
  const model = new LinearModel(shape, [new Float32Array(256), halves], [100, 0]);
  const images = { ...shape, count: 1, data: new Uint8Array(256).fill(128) };
  for (const seed of [1, 2, 3]) {
    const options = { ...COMMON, seed, quantize: true, settings: { steps: 1 } };
    const [result] = await attackImages(model, hopSkipJump, images, Int32Array.of(0), options);
    expect(result!.success).toBe(true);
  }
});

describe.each([boundary, hopSkipJump])('$name, aimed at a class that noise never falls into', (attack) => {
  const shape = { channels: 1, height: 6, width: 6 } as const;
  const size = 36;
  // Class 2 is where the sum of all pixels is within a half of its largest.
  const model = new LinearModel(
    shape,
    [new Float32Array(size), new Float32Array(size), new Float32Array(size).fill(1)],
    [0, -1, 0.5 - size],
  );
  const grey = { ...shape, count: 1, data: new Float32Array(size).fill(0.25) };
  const aim = { ...COMMON, targets: Int32Array.of(2), settings: { steps: 3 } };
  const labels = Int32Array.of(0);

  it('ends without an image where it knows none', async () => {
    const [result] = await attackImages(model, attack, grey, labels, aim);
    expect(result!.success).toBe(false);
    expect(result!.stop).toBe('finished');
  });

  it('begins at a known image of the class and comes to the boundary', async () => {
    const data = new Float32Array(3 * size).fill(1, size, 2 * size).fill(0.6, 2 * size);
    const starts = { ...shape, count: 3, data };
    const before = model.forward;
    const [result] = await attackImages(model, attack, grey, labels, { ...aim, starts });
    expect(result!.decision).toBe(2);
    // The nearest point of the half-space is straight towards white, and the bisection goes that way.
    const exact = Math.sqrt(size) * (1 - 0.5 / size - 0.25);
    expect(result!.distances!.l2 / exact).toBeGreaterThan(1 - 1e-5);
    expect(result!.distances!.l2 / exact).toBeLessThan(1.01);
    // Beyond the budgeted queries: the decisions on the three known images, and two looks at what was found.
    expect(model.forward - before).toBe(result!.queries.forward + 3 + 2);
  });

  it('refuses known images of another shape', async () => {
    const starts = { ...shape, height: 5, count: 1, data: new Float32Array(30) };
    await expect(attackImages(model, attack, grey, labels, { ...aim, starts })).rejects.toThrow(InputError);
  });
});
