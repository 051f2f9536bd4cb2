import { type GradientScorer, QueryBudgetError, type Recordable, type Scorer } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { forAscent, type SeekOptions, type Sought, seek } from './seek.ts';

const shape = { channels: 1, height: 8, width: 8 } as const;

const meanOf = (data: ArrayLike<number>, row: number): number => {
  let sum = 0;
  for (let i = 64 * row; i < 64 * row + 64; i++) sum += data[i]!;
  return sum / 64;
};

/** Class 0 wants white images, class 1 black ones; nothing is ever taken for class 2. */
const confidencesOf = (brightness: number): readonly number[] => [0.8 * brightness, 0.8 * (1 - brightness), 0.2];

/** A scorer that keeps all that it was shown. */
function recorder(most = Number.POSITIVE_INFINITY): Scorer & { readonly shown: number[] } {
  const shown: number[] = [];
  return {
    shape,
    shown,
    predict: async ({ count, data }) => {
      if (shown.length + count > most) throw new QueryBudgetError('no more');
      const scores = new Float32Array(3 * count);
      for (let row = 0; row < count; row++) {
        shown.push(meanOf(data, row) / 255);
        scores.set(confidencesOf(shown.at(-1)!), 3 * row);
      }
      return { count, numClasses: 3, data: scores };
    },
  };
}

const options: SeekOptions = {
  request: { encoding: 'cppn', batch: 10, generations: 30 },
  classes: [0, 1, 2],
  seed: 4,
  threshold: 0.6,
  questions: 200,
};

describe('a search for accepted images', () => {
  it('counts the questions up to the first image of each class, and no more', async () => {
    const scorer = recorder();
    const came = await seek(scorer, options);
    const firstWhere = (isAccepted: (brightness: number) => boolean): number => scorer.shown.findIndex(isAccepted) + 1;
    // 0.8 b >= 0.6 in single precision.
    const accepted = (brightness: number): boolean => Math.fround(0.8 * brightness) >= 0.6;
    expect(came.first).toEqual([firstWhere(accepted), firstWhere((b) => accepted(1 - b)), 0]);
    expect(came.questions).toBe(scorer.shown.length);
    expect(came.questions).toBe(200);
    expect(came.ended).toBe('spent');
    expect(came.mean).toHaveLength(20);
  });

  it('ends once each class has one', async () => {
    const came = await seek(recorder(), { ...options, classes: [0, 1] });
    expect(came.ended).toBe('accepted');
    expect(came.questions).toBe(10 * Math.ceil(Math.max(...came.first) / 10));
  });

  it('does not take an image for a class that another one beats', async () => {
    // Class 2 has a confidence of 0.2 everywhere, but is never the largest.
    const came = await seek(recorder(), { ...options, threshold: 0.1 });
    expect(came.first[2]).toBe(0);
    expect(came.shown).not.toContain(2);
  });

  it('hands back the most certain images, with the confidences of just these', async () => {
    const scorer = recorder();
    const came = await seek(scorer, options);
    came.shown.forEach((place, row) => {
      const brightness = meanOf(came.images, row) / 255;
      expect(came.confidences[row]).toBe(Math.fround(confidencesOf(brightness)[place]!));
    });
    expect(came.confidences[came.shown.indexOf(0)]).toBe(Math.fround(0.8 * Math.max(...scorer.shown)));
    const one = await seek(recorder(), { ...options, shown: 1 });
    expect(one.shown).toEqual(came.shown.slice(0, 1));
    expect(one.images).toEqual(came.images.slice(0, 64));
  });

  it('that was left and taken up again comes to the same', async () => {
    const places: Recordable[] = [];
    const whole = await seek(recorder(), {
      ...options,
      bookmark: { value: undefined, offer: (make) => void places.push(make()) },
    });
    for (const value of [places[0]!, places[7]!, places.at(-1)!]) {
      expect(await seek(recorder(), { ...options, bookmark: { value, offer: () => {} } })).toEqual(whole);
    }
  });

  it('ends with what there is where no more is answered', async () => {
    const came = await seek(recorder(35), options);
    expect(came).toMatchObject({ ended: 'refused', questions: 30 });
    expect(came.first).toEqual((await seek(recorder(), { ...options, questions: 30 })).first);
  });
});

describe('by gradients', () => {
  /** log p_0 = log b, log p_1 = log (1 - b): gradients of 1 / (64 b) and -1 / (64 (1 - b)) for each pixel. */
  const smooth = (): GradientScorer & { readonly asked: () => number } => {
    let asked = 0;
    return {
      shape,
      origin: [0.5],
      asked: () => asked,
      predict: async ({ count, data }) => {
        asked += count;
        const rows = Array.from({ length: count }, (_, row) => meanOf(data, row) / 255);
        return { count, numClasses: 2, data: Float32Array.from(rows.flatMap((b) => [b, 1 - b])) };
      },
      gradient: async ({ count, data }, objective) => {
        asked += count;
        if (objective.kind !== 'log-confidence') throw new Error('ascent climbs the logarithm of the confidence');
        const value = new Float32Array(count);
        const gradient = new Float32Array(data.length);
        for (let row = 0; row < count; row++) {
          const isFirst = objective.classIndices[row] === 0;
          const p = isFirst ? meanOf(data, row) : 1 - meanOf(data, row);
          value[row] = Math.log(p);
          gradient.fill((isFirst ? 1 : -1) / (64 * p), 64 * row, 64 * row + 64);
        }
        return { logits: new Float32Array(2 * count), value, gradient };
      },
    };
  };
  const ascent: SeekOptions = {
    ...options,
    request: { emitter: 'gradient-ascent', batch: 1, settings: { starts: 1, steps: 40 } },
    classes: [0, 1],
  };

  it('each gradient is a question as well', async () => {
    const scorer = smooth();
    const came: Sought = await seek(scorer, ascent);
    expect(came.ended).toBe('accepted');
    expect(came.questions).toBe(scorer.asked());
    // Ten steps and a look, one class after the other.
    for (const at of came.first) expect(at % 11).toBe(0);
    expect(came.first[0]).toBeLessThan(came.first[1]!);
  });

  it('a classifier that has none is refused, with its reason', () => {
    const classifier = { ...smooth(), noGradient: 'it tells only labels' };
    expect(() => forAscent(classifier)).toThrow('it tells only labels');
  });
});
