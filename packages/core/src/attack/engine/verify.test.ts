import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import type { Settings } from '../../settings/settings.ts';
import { labelledGreys } from '../../testing/linear-model.ts';
import { type Layer, type MlpModel, randomMlpModel } from '../../testing/mlp-model.ts';
import { ATTACKS } from '../registry.ts';
import { attackImages } from '../run.ts';

interface Interval {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Bounds of W x + b over a box (Gowal et al. 2018, arXiv 1810.12715, equation 6). */
function throughLayer({ weights, bias }: Layer, { low, high }: Interval): Interval {
  const bound = (up: boolean): Float64Array =>
    bias.map((offset, k) =>
      weights[k]!.reduce((sum, weight, i) => sum + weight * (weight > 0 === up ? high[i]! : low[i]!), offset),
    );
  return { low: bound(false), high: bound(true) };
}

/** Whether interval bounds prove that no image of the box [0, 1] within a Linf distance is taken for another class. */
function isProved({ layers }: MlpModel, image: Float32Array, label: number, epsilon: number): boolean {
  let box: Interval = {
    low: Float64Array.from(image, (pixel) => Math.max(0, pixel - epsilon)),
    high: Float64Array.from(image, (pixel) => Math.min(1, pixel + epsilon)),
  };
  for (const layer of layers.slice(0, -1)) {
    const { low, high } = throughLayer(layer, box);
    box = { low: low.map((value) => Math.max(0, value)), high: high.map((value) => Math.max(0, value)) };
  }
  const last = layers.at(-1)!;
  // The last layer is folded into differences of logits, which are tighter than those of their bounds.
  const rivals = [...last.bias.keys()].filter((k) => k !== label);
  const differences: Layer = {
    weights: rivals.map((k) => last.weights[label]!.map((weight, i) => weight - last.weights[k]![i]!)),
    bias: Float64Array.from(rivals, (k) => last.bias[label]! - last.bias[k]!),
  };
  return throughLayer(differences, box).low.every((margin) => margin > 0);
}

/** The largest radius that is proved, nearly. */
function provedRadius(model: MlpModel, image: Float32Array, label: number): number {
  let [low, high] = [0, 1];
  for (let pass = 0; pass < 30; pass++) {
    const middle = (low + high) / 2;
    if (isProved(model, image, label, middle)) low = middle;
    else high = middle;
  }
  return low;
}

const SHORT: Readonly<Record<string, Settings>> = {
  cw: { steps: 200, searchSteps: 5, rate: 0.01, constant: 0.1 },
  square: { steps: 500 },
  jsma: { gamma: 1 },
  'one-pixel': { pixels: 8, population: 30, generations: 20 },
  boundary: { steps: 1000 },
  hopskipjump: { steps: 5, draws: 50 },
  cgba: { steps: 8 },
};

const CASES = ATTACKS.filter(({ kind }) => kind !== 'universal').flatMap((attack) =>
  attack.norms.map((norm) => ({ attack, norm, name: attack.name })),
);

describe('a network of which interval bounds prove regions safe', async () => {
  const model = randomMlpModel(Random.stream(33));
  const { images, labels } = await labelledGreys(model, Random.stream(32), 5);
  const size = images.data.length / images.count;
  const radii = Array.from(labels, (label, row) =>
    provedRadius(model, images.data.slice(row * size, (row + 1) * size), label),
  );

  it('has regions worth the name', () => {
    expect(radii.filter((radius) => radius > 0.002).length).toBeGreaterThan(2);
  });

  it.each(CASES)('is not fooled inside of them by $name in $norm, but outside', async ({ attack, norm }) => {
    for (const quantize of [false, true]) {
      // Within a Linf distance is within the same distance of every larger norm; L0 says nothing of distance.
      const smallest = Math.min(...radii);
      const safe = { linf: smallest, l2: smallest, l1: smallest, l0: 0 }[norm];
      const wide = { linf: 0.3, l2: 1.5, l1: 6, l0: 15 }[norm];
      const results = await attackImages(model, attack, images, labels, {
        norm,
        settings: SHORT[attack.name] ?? {},
        epsilons: [safe, wide],
        seed: 1,
        batch: 8,
        quantize,
      });
      for (const { index, epsilon, success, distances } of results) {
        if (epsilon === safe) expect(success).toBe(false);
        if (success) expect(distances!.linf).toBeGreaterThan(radii[index]!);
      }
      expect(results.some(({ success }) => success)).toBe(true);
    }
  });
});
