/** @file Scores images batch by batch, and keeps what the measures need of each. */

import {
  type Answer,
  answerOf,
  argmax,
  type Classifier,
  type ImageShape,
  type Images,
  InputError,
  imageSize,
  RunError,
  type Scores,
  scoresOf,
  selectImages,
} from '@pareidolia/core';
import { type Detected, type Mistake, MOST_MISTAKES, type ScoreRun } from '@pareidolia/lab';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';

/** What is asked of a classifier. */
export type ScoringClassifier = Pick<
  Classifier,
  'shape' | 'numClasses' | 'classNames' | 'where' | 'predict' | 'logits' | 'answers'
>;

/** The result for one image, as it is written. */
export interface ScoredImage {
  readonly name: string;
  readonly label: number | undefined;
  /** `undefined` where the scores are not finite. */
  readonly prediction: number | undefined;
  /** What the detector that is folded into the model says; absent where there is none. */
  readonly detected?: Detected;
  readonly scores: Float32Array | undefined;
}

/** An image that was taken for another class, and what it looks like to the network. */
export interface PicturedMistake extends Mistake {
  readonly shape: ImageShape;
  readonly planes: Uint8Array;
}

/** What came of all images. */
export interface Scored {
  /** One for each image whose class is known and whose scores are finite. */
  readonly answers: readonly Answer[];
  /** Places in the source, one for each of {@link answers}. */
  readonly places: readonly number[];
  /** Of every image with finite scores. */
  readonly decisions: readonly { readonly prediction: number; readonly confidence: number }[];
  readonly kind: ScoreRun['answers'];
  /** The most certain ones first. */
  readonly mistakes: readonly PicturedMistake[];
  readonly notFinite: readonly string[];
  /** Rows of some images, evenly spread. */
  readonly sample: Scores;
}

/** Says of images whether they are accepted, and by which score. */
export interface Accepting {
  answers(images: Images): Promise<{ readonly scores: ArrayLike<number>; readonly accepted: readonly boolean[] }>;
}

/** Values of the rows that are kept as a sample. */
const SAMPLE_VALUES = 2_000_000;

/** How far the sum of probabilities may be from 1: those of float16 are. */
const SUM_TOLERANCE = 1e-2;

/**
 * Scores all images of a source.
 *
 * @param keep called with each image, in order
 * @param progress called after each batch with the number of images that are done
 * @param guard the detector that is folded into the model, where there is one
 * @throws InputError where no image has finite scores; whatever `progress` throws
 */
export async function scoreAll(
  classifier: ScoringClassifier,
  source: ImageSource,
  keep: (image: ScoredImage) => void,
  progress: (done: number) => void,
  guard?: Accepting,
): Promise<Scored> {
  const { numClasses, classNames, shape } = classifier;
  const answers: Answer[] = [];
  const places: number[] = [];
  const decisions: { prediction: number; confidence: number }[] = [];
  const mistakes: PicturedMistake[] = [];
  const notFinite: string[] = [];
  const rows: Float32Array[] = [];
  const stride = Math.ceil((source.count * numClasses) / SAMPLE_VALUES);
  let isDistribution = true;
  let done = 0;
  for await (const batch of source.batches()) {
    const scored = await scoreBatch(classifier, batch.images);
    const said = await guard?.answers(batch.images);
    scored.forEach((row, index) => {
      const name = batch.names[index]!;
      const label = batch.labels?.[index];
      const own =
        said === undefined ? {} : { detected: { accepted: said.accepted[index]!, score: said.scores[index]! } };
      keep({ name, label, prediction: row?.prediction, scores: row?.scores, ...own });
      if (row === undefined) {
        notFinite.push(name);
        return;
      }
      const { scores, prediction } = row;
      const confidence = scores[prediction]!;
      if (Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) > SUM_TOLERANCE) isDistribution = false;
      if (decisions.length % stride === 0) rows.push(scores.slice());
      decisions.push({ prediction, confidence });
      if (label === undefined) return;
      answers.push(answerOf(scores, label, prediction));
      places.push(batch.places[index]!);
      if (label === prediction) return;
      noteMistake(mistakes, confidence, () => ({
        name,
        label,
        labelName: classNames[label]!,
        prediction,
        predictionName: classNames[prediction]!,
        confidence: classifier.answers === 'labels' ? null : confidence,
        ...own,
        shape,
        planes: planesOf(batch, index),
      }));
    });
    done = batch.places.at(-1)! + 1;
    progress(done);
  }
  if (decisions.length === 0) {
    throw new InputError(
      `${classifier.where} gives outputs that are not finite for every image; check its weights and the card's range`,
    );
  }
  const sample = { count: rows.length, numClasses, data: new Float32Array(rows.length * numClasses) };
  rows.forEach((row, index) => {
    sample.data.set(row, index * numClasses);
  });
  const kind = classifier.answers === 'labels' ? 'labels' : isDistribution ? 'probabilities' : 'sigmoids';
  return { answers, places, decisions, kind, mistakes, notFinite, sample };
}

/** Keeps a mistake if it is among the most certain ones so far; of equal ones, the first. */
function noteMistake(mistakes: PicturedMistake[], confidence: number, make: () => PicturedMistake): void {
  const place = mistakes.findIndex((other) => (other.confidence ?? 1) < confidence);
  if (place < 0 && mistakes.length >= MOST_MISTAKES) return;
  mistakes.splice(place < 0 ? mistakes.length : place, 0, make());
  if (mistakes.length > MOST_MISTAKES) mistakes.pop();
}

function planesOf({ images }: ImageBatch, index: number): Uint8Array {
  const size = imageSize(images);
  return images.data.slice(index * size, (index + 1) * size);
}

interface Row {
  readonly scores: Float32Array;
  readonly prediction: number;
}

/** One row for each image; `undefined` where its scores are not finite. */
async function scoreBatch(classifier: ScoringClassifier, images: Images): Promise<(Row | undefined)[]> {
  let scores: Scores;
  try {
    scores = await classifier.predict(images);
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof RunError) throw error;
    if (images.count === 1) return [await refusedRow(classifier, images, error)];
    const rows: (Row | undefined)[] = [];
    for (let index = 0; index < images.count; index++) {
      rows.push(...(await scoreBatch(classifier, selectImages(images, [index]))));
    }
    return rows;
  }
  const tied: number[] = [];
  const rows = Array.from({ length: images.count }, (_, index): Row => {
    const own = scoresOf(scores, index);
    const prediction = argmax(own);
    if (own.lastIndexOf(own[prediction]!) !== prediction) tied.push(index);
    return { scores: own, prediction };
  });
  if (tied.length === 0 || classifier.answers === 'labels') return rows;
  // Sigmoids that are rounded to 1 hide which logit is the largest.
  const { data, numClasses } = await classifier.logits(selectImages(images, tied));
  tied.forEach((index, row) => {
    const logits = data.subarray(row * numClasses, (row + 1) * numClasses);
    rows[index] = { scores: rows[index]!.scores, prediction: argmax(logits) };
  });
  return rows;
}

/**
 * @returns `undefined`: the image has logits that are not finite
 * @throws what its scores ended with, where that is no reason
 */
async function refusedRow(classifier: ScoringClassifier, image: Images, error: InputError): Promise<undefined> {
  const { data } = await classifier.logits(image);
  if (data.every(Number.isFinite)) throw error;
  return undefined;
}
