/** @file A search for images that a classifier accepts: how many questions the first of each class takes. */

import {
  argmax,
  type Classifier,
  type GradientScorer,
  InputError,
  imageSize,
  openSearch,
  QueryBudgetError,
  resolveSearch,
  type Scorer,
  type SearchRequest,
  type SearchState,
  scoresOf,
} from '@pareidolia/core';
import type { Bookmark } from './workbench.ts';

/** What is searched, how, and for how long. */
export interface SeekOptions {
  readonly request: SearchRequest;
  /** The classes that are searched, ascending. */
  readonly classes: readonly number[];
  readonly seed: number;
  /** An image is accepted as the class of its largest confidence, where that is at least this. */
  readonly threshold: number;
  /** The search ends once it has asked so many questions; a generation is finished. */
  readonly questions: number;
  /** How many images of classes are handed back, those with the largest confidences; all when absent. */
  readonly shown?: number;
  /** Told the questions asked so far. */
  readonly onProgress?: (questions: number) => void;
  /** Awaited between generations; rejects to stop. */
  readonly pause?: () => Promise<void>;
  /** Where the search can be left and taken up again. */
  readonly bookmark?: Bookmark;
}

/** What a search came to, as plain data. */
export type Sought = {
  /** For each class the questions up to its first accepted image, that one included; 0 where none was accepted. */
  readonly first: readonly number[];
  /** Asked in all: images shown, and gradients. */
  readonly questions: number;
  /** Over the generations: the mean over the classes of their best confidences. */
  readonly mean: readonly number[];
  /** Every class has an accepted image, the questions are spent, the search has come to its end, or no more were answered. */
  readonly ended: 'accepted' | 'spent' | 'done' | 'refused';
  /** Of the images handed back: places in the list of classes, the most certain first. */
  readonly shown: readonly number[];
  /** The confidences of those images, each the largest one of its image. */
  readonly confidences: readonly number[];
  /** `shown x C x H x W`, 8 bits. */
  readonly images: Uint8Array;
};

/** A search that was left. */
type Standing = { readonly state: SearchState; readonly mean: readonly number[]; readonly seen: Seen };

/** What the classifier has said of the images that it was shown. */
type Seen = {
  readonly questions: number;
  /** By class. */
  readonly first: readonly number[];
  /** By class: the largest confidence of an image that is taken for it. */
  readonly best: readonly number[];
  /** `classes x C x H x W`. */
  readonly images: Uint8Array;
};

/**
 * Searches images for classes until each has one that is accepted. What counts is the decision for an 8-bit image, so an
 * image that is most of all another class is not accepted, even where its confidence in this one is high enough.
 *
 * A budget of queries that is spent ends it with what there is.
 *
 * @throws InputError where the classifier tells only labels, or cannot do what the search needs; whatever `pause` rejects with
 */
export async function seek(scorer: Scorer | GradientScorer, options: SeekOptions): Promise<Sought> {
  const { request, classes, seed, questions: most, threshold } = options;
  const before = options.bookmark?.value as Standing | undefined;
  const witness = new Witness(scorer, classes, threshold, before?.seen);
  const spec = resolveSearch(request, scorer.shape);
  const search = openSearch(spec, { scorer: witness.scorer, classIndices: classes, seed }, before?.state);
  const mean = [...(before?.mean ?? [])];
  const end = (): Sought['ended'] | undefined => {
    if (witness.first.every((at) => at > 0)) return 'accepted';
    if (witness.questions >= most) return 'spent';
    return search.isDone ? 'done' : undefined;
  };
  let ended = end();
  while (ended === undefined) {
    await options.pause?.();
    try {
      mean.push((await search.scheduler.step()).mean);
    } catch (error) {
      if (!(error instanceof QueryBudgetError)) throw error;
      ended = 'refused';
      break;
    }
    options.onProgress?.(witness.questions);
    ended = end();
    options.bookmark?.offer(() => ({ state: search.scheduler.state(), mean: [...mean], seen: witness.seen() }));
  }
  await search.dispose();
  return { ...witness.result(options.shown ?? classes.length), mean, ended };
}

/** Stands between the search and the classifier and notes what is accepted. */
class Witness {
  readonly scorer: Scorer | GradientScorer;
  readonly first: number[];
  questions: number;
  readonly #best: number[];
  readonly #images: Uint8Array;
  readonly #size: number;
  readonly #places: ReadonlyMap<number, number>;
  readonly #threshold: number;

  constructor(inner: Scorer | GradientScorer, classes: readonly number[], threshold: number, before: Seen | undefined) {
    this.#size = imageSize(inner.shape);
    this.#places = new Map(classes.map((classIndex, place) => [classIndex, place]));
    this.#threshold = threshold;
    this.questions = before?.questions ?? 0;
    this.first = [...(before?.first ?? classes.map(() => 0))];
    this.#best = [...(before?.best ?? classes.map(() => 0))];
    this.#images = before === undefined ? new Uint8Array(classes.length * this.#size) : new Uint8Array(before.images);
    const { shape, answers, noGradient } = inner;
    const own: Scorer = {
      shape,
      ...(answers === undefined ? {} : { answers }),
      ...(noGradient === undefined ? {} : { noGradient }),
      predict: async (images, between) => {
        const scores = await inner.predict(images, between);
        for (let row = 0; row < images.count; row++) {
          this.#look(scoresOf(scores, row), images.data.subarray(row * this.#size, (row + 1) * this.#size));
        }
        return scores;
      },
    };
    this.scorer = 'gradient' in inner ? { ...own, ...this.#counted(inner) } : own;
  }

  #counted(inner: GradientScorer): Pick<GradientScorer, 'gradient' | 'origin'> {
    return {
      origin: inner.origin,
      gradient: async (images, objective, between) => {
        const answer = await inner.gradient(images, objective, between);
        this.questions += images.count;
        return answer;
      },
    };
  }

  #look(scores: Float32Array, image: Uint8Array): void {
    this.questions++;
    const classIndex = argmax(scores);
    const place = this.#places.get(classIndex);
    if (place === undefined) return;
    const confidence = scores[classIndex]!;
    if (confidence >= this.#threshold && this.first[place] === 0) this.first[place] = this.questions;
    if (!(confidence > this.#best[place]!)) return;
    this.#best[place] = confidence;
    this.#images.set(image, place * this.#size);
  }

  seen(): Seen {
    const { questions, first } = this;
    return { questions, first: [...first], best: [...this.#best], images: new Uint8Array(this.#images) };
  }

  result(count: number): Omit<Sought, 'mean' | 'ended'> {
    const shown = [...this.#best.keys()]
      .filter((place) => this.#best[place]! > 0)
      .sort((a, b) => this.#best[b]! - this.#best[a]! || a - b)
      .slice(0, count);
    const images = new Uint8Array(shown.length * this.#size);
    shown.forEach((place, row) => {
      images.set(this.#images.subarray(place * this.#size, (place + 1) * this.#size), row * this.#size);
    });
    return {
      first: [...this.first],
      questions: this.questions,
      shown,
      confidences: shown.map((place) => this.#best[place]!),
      images,
    };
  }
}

/** A classifier for a search by gradients; its images start at a middle grey where nothing is known of what it receives as zero. */
export function forAscent(
  classifier: Pick<Classifier, 'shape' | 'predict' | 'gradient' | 'noGradient'> & {
    readonly origin?: readonly number[];
  },
): GradientScorer {
  const { shape, noGradient } = classifier;
  if (noGradient !== undefined) throw new InputError(`There is no gradient to climb: ${noGradient}`);
  return {
    shape,
    origin: classifier.origin ?? new Array<number>(shape.channels).fill(0.5),
    predict: (images, between) => classifier.predict(images, between),
    gradient: (images, objective, between) => classifier.gradient(images, objective, between),
  };
}
