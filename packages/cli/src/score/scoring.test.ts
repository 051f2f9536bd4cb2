import { type Images, InputError, RunError, type Scores } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import type { ImageSource } from '../images/image-source.ts';
import { type ScoredImage, type ScoringClassifier, scoreAll } from './scoring.ts';

const shape = { channels: 1, height: 1, width: 1 } as const;

/** A classifier whose scores for an image are a row of a table: that of its pixel. */
function tableClassifier(
  table: readonly (readonly number[])[],
  more: Partial<ScoringClassifier> & { readonly logitTable?: readonly (readonly number[])[] } = {},
): ScoringClassifier {
  const numClasses = table[0]!.length;
  const rows = (images: Images, of: readonly (readonly number[])[]): Scores => ({
    count: images.count,
    numClasses,
    data: Float32Array.from(Array.from(images.data, (pixel) => of[pixel]!).flat()),
  });
  const { logitTable = table.map((row) => row.map(Math.log)), ...others } = more;
  return {
    shape,
    numClasses,
    classNames: Array.from({ length: numClasses }, (_, k) => `kind ${k}`),
    where: 'table',
    predict: async (images) => {
      const scores = rows(images, table);
      if (!scores.data.every(Number.isFinite)) throw new InputError('table gives NaN');
      return scores;
    },
    logits: async (images) => rows(images as Images, logitTable),
    ...others,
  };
}

/** One image for each of the pixels, in batches of so many. */
function source(pixels: readonly number[], labels: readonly number[] | undefined, most = 3): ImageSource {
  return {
    origin: 'memory',
    labelling: labels === undefined ? undefined : 'dataset',
    count: pixels.length,
    inAll: 0,
    isResized: false,
    leftOut: [],
    async *batches() {
      for (let from = 0; from < pixels.length; from += most) {
        const own = pixels.slice(from, from + most);
        yield {
          images: { ...shape, count: own.length, data: Uint8Array.from(own) },
          names: own.map((_, index) => `image ${from + index}`),
          labels: labels?.slice(from, from + most),
          places: own.map((_, index) => from + index),
        };
      }
    },
    read: () => Promise.reject(new Error('not asked for')),
  };
}

const nothing = (): void => {};

describe('scoring a source', () => {
  it('goes on from batch to batch, and tells each image and how far it is', async () => {
    const kept: ScoredImage[] = [];
    const done: number[] = [];
    const table = [
      [0.75, 0.25],
      [0.125, 0.875],
    ];
    const scored = await scoreAll(
      tableClassifier(table),
      source([0, 1, 1, 0], [0, 1, 0, 1]),
      (image) => kept.push(image),
      (count) => done.push(count),
    );
    expect(done).toEqual([3, 4]);
    expect(kept.map(({ name, label, prediction }) => [name, label, prediction])).toEqual([
      ['image 0', 0, 0],
      ['image 1', 1, 1],
      ['image 2', 0, 1],
      ['image 3', 1, 0],
    ]);
    expect(scored.kind).toBe('probabilities');
    expect(scored.decisions.map(({ confidence }) => confidence)).toEqual([0.75, 0.875, 0.875, 0.75]);
    expect(scored.mistakes.map(({ name, confidence }) => [name, confidence])).toEqual([
      ['image 2', 0.875],
      ['image 3', 0.75],
    ]);
    expect(scored.mistakes[0]).toMatchObject({
      labelName: 'kind 0',
      predictionName: 'kind 1',
      planes: Uint8Array.of(1),
    });
  });

  it('keeps the ten most certain mistakes, of equal ones the first', async () => {
    const table = Array.from({ length: 16 }, (_, pixel) => [0, 0.5 + pixel / 32, 0.5 - pixel / 32]);
    const pixels = [3, 15, 7, 7, 1, 0, 9, 11, 2, 4, 5, 6, 8];
    const { mistakes } = await scoreAll(
      tableClassifier(table),
      source(
        pixels,
        pixels.map(() => 0),
      ),
      nothing,
      nothing,
    );
    expect(mistakes.map(({ planes }) => planes[0])).toEqual([15, 11, 9, 8, 7, 7, 6, 5, 4, 3]);
    expect(mistakes.map(({ name }) => name).slice(4, 6)).toEqual(['image 2', 'image 3']);
  });

  it('counts images apart whose scores are not finite, and scores those beside them', async () => {
    const table = [
      [0.75, 0.25],
      [Number.NaN, 1],
    ];
    const kept: ScoredImage[] = [];
    const scored = await scoreAll(
      tableClassifier(table),
      source([0, 1, 0, 1], [0, 0, 1, 1]),
      (image) => kept.push(image),
      nothing,
    );
    expect(scored.notFinite).toEqual(['image 1', 'image 3']);
    expect(scored.answers.map(({ label }) => label)).toEqual([0, 1]);
    expect(scored.places).toEqual([0, 2]);
    expect(kept.map(({ prediction }) => prediction)).toEqual([0, undefined, 0, undefined]);
  });

  it('refuses a classifier that is finite for no image, and passes other failures on', async () => {
    await expect(
      scoreAll(tableClassifier([[Number.NaN, 1]]), source([0, 0], [0, 1]), nothing, nothing),
    ).rejects.toThrow('table gives outputs that are not finite for every image');
    const failing = (error: Error) => tableClassifier([[0.5, 0.5]], { predict: () => Promise.reject(error) });
    const run = (error: Error) => scoreAll(failing(error), source([0], [0]), nothing, nothing);
    await expect(run(new RunError('it broke'))).rejects.toThrow('it broke');
    await expect(run(new InputError('nobody answers'))).rejects.toThrow('nobody answers');
  });

  it('takes sigmoids for several labels, and the largest logit where they are rounded to 1', async () => {
    const classifier = tableClassifier([[1, 1, 0.25]], { logitTable: [[20, 30, -1]] });
    const { kind, answers } = await scoreAll(classifier, source([0], [1]), nothing, nothing);
    expect(kind).toBe('sigmoids');
    expect(answers).toMatchObject([{ prediction: 1, rank: 0, confidence: 1 }]);
  });

  it('has no confidences where only labels come back', async () => {
    const classifier = tableClassifier([[0, 1, 0]], { answers: 'labels' });
    const { kind, mistakes, answers } = await scoreAll(classifier, source([0, 0], [1, 2]), nothing, nothing);
    expect(kind).toBe('labels');
    expect(answers.map(({ rank }) => rank)).toEqual([0, 1]);
    expect(mistakes.map(({ confidence }) => confidence)).toEqual([null]);
  });

  it('has decisions alone where no class is known', async () => {
    const { answers, decisions, mistakes } = await scoreAll(
      tableClassifier([[0.25, 0.75]]),
      source([0, 0], undefined),
      nothing,
      nothing,
    );
    expect(answers).toEqual([]);
    expect(mistakes).toEqual([]);
    expect(decisions).toEqual([
      { prediction: 1, confidence: 0.75 },
      { prediction: 1, confidence: 0.75 },
    ]);
  });

  it('ends where progress throws', async () => {
    const stop = (): void => {
      throw new Error('enough');
    };
    await expect(scoreAll(tableClassifier([[0.5, 0.5]]), source([0], [0]), nothing, stop)).rejects.toThrow('enough');
  });
});
