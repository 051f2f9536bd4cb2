import { describe, expect, it } from 'vitest';
import { ClassArchive } from '../../archive/class-archive.ts';
import type { GradientScorer } from '../../classifier/classifier.ts';
import { pixelEncoding } from '../../encoding/pixels.ts';
import { toBytes } from '../../image/images.ts';
import { LocalBreeder } from '../../search/breeder.ts';
import { Scheduler, type SearchState } from '../../search/scheduler.ts';
import type { Settings } from '../../settings/settings.ts';
import { ascend } from './ascend.ts';
import { gradientAscent } from './gradient-ascent.ts';

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
    if (objective.kind !== 'log-confidence') throw new Error('ascent climbs the logarithm of the confidence');
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

const encoding = pixelEncoding(shape);
const classIndices = [0, 1, 2];

/** Two starts for each class, all classes at once unless the batch is smaller. */
function open(changes: Settings = {}, batch = 6, state?: SearchState): Scheduler {
  const settings = { steps: 300, starts: 2, target: 1, ...changes };
  const emitter = gradientAscent.create({ scorer, encoding, classIndices, seed: 1, variation: undefined }, settings);
  const archive = new ClassArchive(classIndices);
  const breeder = new LocalBreeder(encoding, undefined, 1);
  return new Scheduler({ scorer, archive, emitter, breeder, seed: 1, batch }, state);
}

async function finish(search: Scheduler): Promise<Scheduler> {
  while (search.emitter.progress! < 1) await search.step();
  return search;
}

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
    const { archive } = await finish(open());
    for (const [label, elite] of archive.elites.entries()) {
      let best = 0;
      for (let corner = 0; corner < 16; corner++) {
        best = Math.max(best, probabilities([0, 1, 2, 3].map((bit) => (corner >> bit) & 1))[label]!);
      }
      expect(best).toBeGreaterThan(0.99);
      expect(elite!.confidence).toBeGreaterThan(best - 0.01);
    }
  });

  it('reports the confidence of the 8-bit image that it keeps', async () => {
    const { archive } = await finish(open());
    for (const [label, elite] of archive.elites.entries()) {
      const pixels = Array.from(elite!.genome, (v) => v / 255);
      expect(elite!.confidence).toBe(Math.fround(probabilities(pixels)[label]!));
    }
  });

  it('gives a class the same image whichever classes climb beside it', async () => {
    const together = await finish(open());
    const alone = await finish(open({}, 1));
    expect(alone.generations).toBe(3 * together.generations);
    expect(alone.archive.elites.map((elite) => elite!.genome)).toEqual(
      together.archive.elites.map((elite) => elite!.genome),
    );
  });

  it('goes on from a state in the middle of a group to the same images', async () => {
    const whole = open({}, 2);
    for (let i = 0; i < 40; i++) await whole.step();
    const state = structuredClone(whole.state());
    await finish(whole);
    const resumed = await finish(open({}, 2, state));
    expect(resumed.state()).toEqual(whole.state());
  });

  it('stops early at a target', async () => {
    const far = await finish(open());
    const near = await finish(open({ target: 0.5 }));
    expect(near.evaluations).toBeLessThan(far.evaluations / 2);
    for (const elite of near.archive.elites) expect(elite!.confidence).toBeGreaterThanOrEqual(0.5);
  });

  it('stays at the origin when decay takes everything', async () => {
    const { archive } = await finish(open({ decay: 1, steps: 10 }));
    const origin = toBytes({ ...shape, count: 1, data: new Float32Array(4).fill(0.25) }).data;
    for (const elite of archive.elites) expect(elite!.genome).toEqual(origin);
  });

  it('counts the images whose gradient it takes as well as those it asks about', async () => {
    const search = open({ steps: 10 });
    const { evaluations } = await search.step();
    // Six images, ten steps each of 3 evaluations, and one look.
    expect(evaluations).toBe(186);
    expect(search.emitter.progress).toBe(1);
  });

  it('needs gradients, and pixels', () => {
    const context = { scorer, encoding, classIndices, seed: 1, variation: undefined };
    const blind = { shape, predict: scorer.predict };
    expect(() => gradientAscent.create({ ...context, scorer: blind }, {})).toThrow('gives gradients');
    expect(() => gradientAscent.create({ ...context, encoding: { ...encoding, name: 'cppn' } }, {})).toThrow('pixels');
  });
});

it('ends the ascents whose gradient is not finite, says so once, and goes on with the others', async () => {
  const broken: GradientScorer = {
    ...scorer,
    async gradient(images, objective) {
      const answer = await scorer.gradient(images, objective);
      if (objective.kind !== 'log-confidence') throw new Error('ascent climbs the logarithm of the confidence');
      objective.classIndices.forEach((classIndex, row) => {
        if (classIndex === 1) answer.gradient[4 * row + 2] = Number.NaN;
      });
      return answer;
    },
  };
  const notices: string[] = [];
  const climbed = async (by: GradientScorer): Promise<readonly Uint8Array[]> => {
    const context = {
      scorer: by,
      encoding: pixelEncoding(shape),
      classIndices: [0, 1, 2],
      seed: 7,
      variation: undefined,
      onNotice: (notice: string) => notices.push(notice),
    };
    const emitter = gradientAscent.create(context, { starts: 1, steps: 30 });
    const { candidates } = await emitter.ask({ count: 3 } as Parameters<typeof emitter.ask>[0]);
    return candidates.map(({ genome }) => genome!);
  };
  const [sound, unsound] = [await climbed(scorer), await climbed(broken)];
  expect([unsound[0], unsound[2]]).toEqual([sound[0], sound[2]]);
  expect(unsound[1]).not.toEqual(sound[1]);
  expect(notices).toEqual([
    expect.stringMatching(/^The gradient for class 1 is not finite .* after 0 steps of start 1/),
  ]);
});
