import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { LinearModel, labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { checkpoints } from '../engine/auto-pgd.ts';
import type { Sample } from '../engine/sample.ts';
import { dual, length, type Norm } from '../norm.ts';
import { attackImages } from '../run.ts';
import { apgdCe, apgdDlr, apgdT } from './apgd.ts';

describe('the checkpoints', () => {
  it('are at 22, 41, 57, 70, 80, 87, 93 and 99 of 100 steps (section 3 of the paper)', () => {
    expect(checkpoints(100)).toEqual([0, 22, 41, 57, 70, 80, 87, 93, 99]);
  });

  it('are rounded up', () => {
    expect(checkpoints(40)).toEqual([0, 9, 17, 23, 28, 32, 35, 38, 40]);
  });
});

/** One grey pixel, asked about by hand: which image is looked at after each answer. */
function walk(steps: number, values: (step: number) => number, slope: (step: number) => number = () => -1): number[] {
  const sample: Sample = {
    shape: { channels: 1, height: 1, width: 1 },
    numClasses: 2,
    image: Float32Array.of(0.5),
    logits: Float32Array.of(1, 0),
    criterion: { label: 0, target: undefined },
    random: Random.stream(61),
  };
  // The log-probability of the label falls towards brighter images.
  const search = apgdCe.prepare({ steps }).search(sample, { norm: 'linf', epsilon: 0.4 });
  const seen: number[] = [];
  for (let result = search.next([]); result.done !== true; ) {
    const [query] = result.value;
    const value = values(seen.length);
    const gradient = Float32Array.of(slope(seen.length));
    seen.push(query!.image[0]!);
    result = search.next([{ logits: Float32Array.of(1, 0), value, gradient }]);
  }
  return seen;
}

describe('the step size', () => {
  it('is halved, from the best image, where the loss has not grown since the last checkpoint', () => {
    const seen = walk(100, () => 0);
    const best = seen[0]!;
    // Until the first checkpoint it is twice epsilon: the bright end of the ball is reached.
    expect(seen[22]).toBeCloseTo(0.9, 6);
    // Then .4, .2, .1 ...: momentum .75, from the start anew each time.
    for (const [j, checkpoint] of [22, 41, 57, 70].entries()) {
      const target = Math.min(0.9, best + 0.4 / 2 ** j);
      expect(seen[checkpoint + 1]).toBeCloseTo(best + 0.75 * (target - best), 6);
    }
  });

  it('stays while three quarters of the steps make the loss grow', () => {
    const seen = walk(100, (step) => -step);
    // The image stays at the end of the ball: nothing brings it back.
    expect(seen.slice(22).every((pixel) => Math.abs(pixel - 0.9) < 1e-6)).toBe(true);
  });

  it('is halved where fewer steps do, although the best loss has grown', () => {
    // Two of three steps make it grow: 7 of the first 10. The best is the eighth, where the slope points into the dark.
    const seen = walk(
      41,
      (step) => -(step - 2.5 * Math.floor(step / 3)),
      (step) => (step === 8 ? 1 : -1),
    );
    expect(seen[8]).toBeCloseTo(0.9, 6);
    // .75 of a step of twice epsilon, cut to the ball; .75 of what is left of it, and .25 of the last move.
    expect(seen[9]).toBeCloseTo(0.9 - 0.75 * 0.8, 6);
    expect(seen[10]).toBeCloseTo(0.3 + 0.75 * 0.6 - 0.25 * 0.6, 6);
    // Back at the best, with its slope and half the step.
    expect(seen[11]).toBeCloseTo(0.9 - 0.75 * 0.4, 6);
  });
});

/** Two classes that can win and two that cannot: the ratio needs four. */
function twoOfFour(seed: number): LinearModel {
  const { shape, weights, bias } = randomLinearModel(Random.stream(seed), 2);
  const none = new Float32Array(weights[0]!.length);
  return new LinearModel(shape, [...weights, none, none], [...bias, -300, -301]);
}

describe.each([apgdCe, apgdDlr, apgdT])('$name on a linear model', (attack) => {
  it.each(['linf', 'l2'] as const)(
    'finds an image a little behind the plane and none in front of it in %s',
    async (norm) => {
      const model = twoOfFour(62);
      const { images, labels } = await labelledGreys(model, Random.stream(63), 4);
      const size = images.data.length / images.count;
      for (const [row, label] of labels.entries()) {
        const data = images.data.subarray(row * size, (row + 1) * size);
        const { value, weights } = model.difference(data, 1 - label, label);
        const exact = -value / length(weights, dual(norm));
        for (const aim of [{}, { targets: Int32Array.of(1 - label) }]) {
          const results = await attackImages(model, attack, { ...images, count: 1, data }, Int32Array.of(label), {
            ...aim,
            norm: norm satisfies Norm,
            epsilons: [0.99 * exact, 1.02 * exact],
            seed: 1,
            batch: 1,
            quantize: false,
          });
          expect(results.map(({ success }) => success)).toEqual([false, true]);
        }
      }
    },
  );
});

describe.each([apgdDlr, apgdT])('$name where there are too few classes for the ratio', (attack) => {
  it.each([2, 3])(
    'finds an image a little behind the nearest of the planes between %i, and none in front of it',
    async (classes) => {
      const model = randomLinearModel(Random.stream(64), classes);
      const { images, labels } = await labelledGreys(model, Random.stream(65), 3);
      const size = images.data.length / images.count;
      for (const [row, label] of labels.entries()) {
        const data = images.data.subarray(row * size, (row + 1) * size);
        const others = Array.from({ length: classes }, (_, k) => k).filter((k) => k !== label);
        const away = others.map((other) => {
          const { value, weights } = model.difference(data, other, label);
          return -value / length(weights, 'l1');
        });
        const exact = Math.min(...away);
        const options = { epsilons: [0.99 * exact, 1.02 * exact], seed: 1, batch: 1, quantize: false };
        const own = Int32Array.of(label);
        const results = await attackImages(model, attack, { ...images, count: 1, data }, own, options);
        expect(results.map(({ success }) => success)).toEqual([false, true]);
      }
    },
  );

  it('says what it does instead, and where it does so only', () => {
    const said = [2, 3, 4, 10].map((classes) => attack.remarks!(classes).length);
    expect(said).toEqual(attack === apgdT ? [1, 1, 0, 0] : [1, 0, 0, 0]);
    expect(attack.remarks!(2)[0]).toMatch(new RegExp(`^${attack.name} climbs the difference of logits instead`));
  });
});
