import { describe, expect, it } from 'vitest';
import type { GradientScorer } from '../classifier/classifier.ts';
import { toBytes } from '../image/images.ts';
import { Ascent, ascend } from './ascent.ts';
import { ASCENT_PRESETS, type AscentSettings } from './settings.ts';

const shape = { channels: 1, height: 2, width: 2 } as const;

/** Softmax regression on four pixels, three classes: everything has a closed form. */
const weights = [
  [8, -3, 0.5, 2],
  [-4, 9, 2, -1],
  [1, 1, -6, 7],
];

function logitsOf(pixels: ArrayLike<number>): number[] {
  return weights.map((row) => row.reduce((sum, w, i) => sum + w * pixels[i]!, 0));
}

function probabilities(pixels: ArrayLike<number>): number[] {
  const logits = logitsOf(pixels);
  const max = Math.max(...logits);
  const exps = logits.map((z) => Math.exp(z - max));
  const total = exps.reduce((a, b) => a + b);
  return exps.map((value) => value / total);
}

const scorer: GradientScorer = {
  shape,
  origin: [0.25],
  predict: async ({ count, data }) => ({
    count,
    numClasses: 3,
    data: Float32Array.from(
      Array.from({ length: count }, (_, n) =>
        probabilities(Array.from(data.subarray(4 * n, 4 * n + 4), (v) => v / 255)),
      ).flat(),
    ),
  }),
  async gradient({ count, data }, objective) {
    if (objective.kind !== 'log-probability') throw new Error('ascent climbs log p');
    const { classIndices } = objective;
    const logits = new Float32Array(3 * count);
    const value = new Float32Array(count);
    const gradient = new Float32Array(data.length);
    for (let n = 0; n < count; n++) {
      const pixels = data.subarray(4 * n, 4 * n + 4);
      const p = probabilities(pixels);
      logits.set(logitsOf(pixels), 3 * n);
      value[n] = Math.log(p[classIndices[n]!]!);
      for (let i = 0; i < 4; i++) {
        const mean = weights.reduce((sum, row, k) => sum + p[k]! * row[i]!, 0);
        gradient[4 * n + i] = weights[classIndices[n]!]![i]! - mean;
      }
    }
    return { logits, value, gradient };
  },
};

const settings: AscentSettings = { ...ASCENT_PRESETS.plain, steps: 300 };
const options = { scorer, classes: [0, 1, 2], seed: 1, settings, starts: 2 };

describe('a step of ascent', () => {
  it('raises p by the promised progress, to first order', () => {
    const x = Float32Array.of(0.2, 0.3, 0.1, 0.4);
    const p = probabilities(x)[0]!;
    const gradient = Float32Array.from(
      weights[0]!,
      (w, i) => w - weights.reduce((s, row, k) => s + probabilities(x)[k]! * row[i]!, 0),
    );
    ascend(x, Float32Array.of(Math.log(p)), gradient, { early: 1e-4, late: 1, maxStep: 1 });
    expect(probabilities(x)[0]! - p).toBeCloseTo(1e-4, 6);
  });

  it('is no longer than allowed where the score is flat, and still goes up', () => {
    const x = new Float32Array(4);
    ascend(x, Float32Array.of(-80), Float32Array.of(3, 4, 0, 0), { early: 0.02, late: 0.1, maxStep: 0.05 });
    expect(Math.hypot(...x) / 2).toBeCloseTo(0.05, 6);
    expect(x[1]! / x[0]!).toBeCloseTo(4 / 3, 5);
  });

  it('leaves an image without gradient alone', () => {
    const x = Float32Array.of(0.1, 0.2, 0.3, 0.4);
    const before = x.slice();
    ascend(x, Float32Array.of(-1), new Float32Array(4), { early: 0.02, late: 0.1, maxStep: 0.05 });
    expect(x).toEqual(before);
  });
});

describe('ascent', () => {
  it('reaches, in 8 bits, nearly what the best corner of the pixel cube gives', async () => {
    const ascent = new Ascent(options);
    while (ascent.generations < ascent.total) await ascent.step();
    for (const [label, elite] of ascent.archive.elites.entries()) {
      let best = 0;
      for (let corner = 0; corner < 16; corner++) {
        best = Math.max(best, probabilities([0, 1, 2, 3].map((bit) => (corner >> bit) & 1))[label]!);
      }
      expect(best).toBeGreaterThan(0.99);
      expect(elite!.confidence).toBeGreaterThan(best - 0.01);
    }
  });

  it('reports the confidence of the 8-bit image that it keeps', async () => {
    const ascent = new Ascent(options);
    await ascent.step();
    for (const [label, elite] of ascent.archive.elites.entries()) {
      const pixels = Array.from(elite!.genome, (v) => v / 255);
      expect(elite!.confidence).toBe(Math.fround(probabilities(pixels)[label]!));
    }
  });

  it('gives a class the same image whichever classes climb beside it', async () => {
    const together = new Ascent(options);
    await together.step();
    const alone = new Ascent({ ...options, group: 1 });
    while (alone.generations < alone.total) await alone.step();
    expect(alone.total).toBe(3);
    expect(alone.archive.elites.map((elite) => elite!.genome)).toEqual(
      together.archive.elites.map((elite) => elite!.genome),
    );
  });

  it('goes on from a state to the same images', async () => {
    const whole = new Ascent({ ...options, group: 1 });
    await whole.step();
    const state = whole.state();
    await whole.step();
    await whole.step();
    const resumed = new Ascent({ ...options, group: 1 }, state);
    while (resumed.generations < resumed.total) await resumed.step();
    expect(resumed.state()).toEqual(whole.state());
  });

  it('stops early at a target', async () => {
    const far = new Ascent(options);
    const near = new Ascent({ ...options, target: 0.5 });
    const all = await far.step();
    const few = await near.step();
    expect(few.evaluations).toBeLessThan(all.evaluations / 2);
    expect(few.worst).toBeGreaterThanOrEqual(0.5);
  });

  it('stays at the origin when decay takes everything', async () => {
    const ascent = new Ascent({ ...options, settings: { ...settings, decay: 1, steps: 10 } });
    await ascent.step();
    const origin = toBytes({ ...shape, count: 1, data: new Float32Array(4).fill(0.25) }).data;
    for (const elite of ascent.archive.elites) expect(elite!.genome).toEqual(origin);
  });
});
