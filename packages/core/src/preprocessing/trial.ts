/** @file Which of the usual preprocessings fits a network, by images whose classes are known. */

import type { ModelCard } from '../classifier/card.ts';
import type { Scorer } from '../classifier/classifier.ts';
import { argmax, scoresOf } from '../classifier/scores.ts';
import { InputError } from '../errors.ts';
import type { Images } from '../image/images.ts';
import { binomialTail } from '../metric/binomial-tail.ts';
import { discordant, mcNemarTest } from '../metric/paired-test.ts';
import { isSame, mirrored, type Preprocessing, preprocessingOf, usualPreprocessings } from './usual.ts';

/** Differences less likely than this by chance are told; over all comparisons together. */
const SIGNIFICANT = 0.05;

/** A probability counts as this much at least, so that its logarithm is finite: single precision has nothing nearer to 1. */
const LEAST_PROBABILITY = 2 ** -23;

/** How a classifier is made for a trial. */
export interface TrialRequest {
  /** The card in force. */
  readonly card: ModelCard;
  readonly channels: 1 | 3;
  /** The class of each image. */
  readonly labels: ArrayLike<number>;
  /** Ways to bring the images to the size of the input that are tried beside the card's; none where they have it. */
  readonly resizes?: readonly { readonly title: string; readonly resize: NonNullable<ModelCard['resize']> }[];
  /** A classifier for a card. What it throws as InputError speaks against the card, and ends nothing. */
  load(card: ModelCard): Promise<TrialClassifier>;
  /** The images as the card resizes them, as many as labels. */
  images(card: ModelCard): Promise<Images>;
  /** Called before each candidate, with how many are done, and about how many there are. */
  progress?(done: number, total: number): void | Promise<void>;
}

/** What is asked of a classifier in a trial. */
export interface TrialClassifier extends Scorer {
  /** The card that it runs by, where that may be another one: networks of whole numbers take no range of [0, 1]. */
  readonly card?: ModelCard;
  /** `labels` where scores are decisions only. */
  readonly answers?: 'labels';
  /** Frees what it holds, where it holds anything. */
  dispose?(): Promise<void>;
}

/** A preprocessing with what came of it. */
export interface Tried extends Preprocessing {
  /** Whether each image was classified rightly. */
  readonly decisions: readonly boolean[];
  readonly right: number;
  /** `right` as a share of the images. */
  readonly accuracy: number;
  /** The mean of `ln p` of the right classes; `null` where the classifier tells labels only, or {@link problem} is there. */
  readonly meanLogProbability: number | null;
  /** Why nothing could be scored. */
  readonly problem?: string;
}

/** What came of a trial. */
export interface Trial {
  readonly count: number;
  /** By accuracy, then by the mean log-probability of the right classes. */
  readonly tried: readonly Tried[];
  readonly inForce: Tried;
  readonly best: Tried;
  /** Images that only the best has right, and that only the one in force has. */
  readonly onlyBest: number;
  readonly onlyInForce: number;
  /** McNemar's exact test of the best against the one in force, times the number of comparisons (Bonferroni). */
  readonly p: number;
  /** The largest share of images of one class: what a constant answer has right. */
  readonly chance: number;
  /**
   * `fits`: none has more images right than the one in force, and it is above chance. `other`: the best is better by more than
   * chance. `chance`: none is above chance, so the labels or the network are doubtful. `inconclusive`: another is ahead, but not by
   * more than chance; or all images are of one class.
   */
  readonly verdict: 'fits' | 'other' | 'chance' | 'inconclusive';
  /** Others that the images cannot tell from the best: the same test is above 5 %. */
  readonly rivals: readonly Tried[];
}

/**
 * Tries the usual preprocessings; then those of the same range as the best with red and blue swapped, or the best with black and
 * white swapped; then the best with other ways to resize. Nothing is changed by it.
 *
 * @throws InputError where there is no image
 */
export async function tryPreprocessings(request: TrialRequest): Promise<Trial> {
  const { card, channels, labels, resizes = [] } = request;
  if (labels.length === 0) throw new InputError('Preprocessings cannot be tried without images');
  const total = usualPreprocessings(channels).length + (channels === 1 ? 2 : 4) + resizes.length;
  const tried: Tried[] = [];
  const has = (one: Preprocessing): boolean =>
    tried.some((other) => isSame(other.card, one.card) && isSameResize(other.card.resize, one.card.resize));
  const attempt = async (one: Preprocessing): Promise<void> => {
    if (has(one)) return;
    await request.progress?.(tried.length, total);
    const result = await tryOne(request, one);
    if (result !== undefined) tried.push(result);
  };
  await attempt(preprocessingOf(card, channels));
  const inForce = tried[0]!;
  for (const one of usualPreprocessings(channels)) await attempt(one);
  const { range } = best(tried).card;
  const alike = tried.filter(({ card: { range: own } }) => String(own) === String(range));
  for (const one of channels === 1 ? [best(tried)] : alike) await attempt(mirrored(one, channels));
  const { title, card: fields } = best(tried);
  for (const { title: way, resize } of resizes)
    await attempt({ title: `${title}, ${way}`, card: { ...fields, resize } });
  return judged(tried, inForce, chanceOf(labels));
}

/** @returns `undefined` where the classifier cannot do it, and runs by another card */
async function tryOne(request: TrialRequest, one: Preprocessing): Promise<Tried | undefined> {
  const { labels } = request;
  const { mean, deviation, color, ...others } = request.card;
  const card: ModelCard = {
    ...others,
    ...(color === 'grey' ? { color } : {}),
    mean: 0,
    deviation: 1,
    ...(one.card as Partial<ModelCard>),
  };
  const isInForce = isSame(card, request.card) && one.card.resize === undefined;
  let classifier: TrialClassifier | undefined;
  try {
    classifier = await request.load(card);
    if (!isInForce && classifier.card !== undefined && !isSame(classifier.card, card)) return undefined;
    const images = await request.images(card);
    const scores = await classifier.predict(images);
    const decisions = Array.from(labels, (label, row) => argmax(scoresOf(scores, row)) === label);
    const right = decisions.filter(Boolean).length;
    const logs = Array.from(labels, (label, row) =>
      Math.log(Math.max(LEAST_PROBABILITY, scoresOf(scores, row)[label]!)),
    );
    return {
      ...one,
      decisions,
      right,
      accuracy: right / labels.length,
      meanLogProbability: classifier.answers === 'labels' ? null : logs.reduce((a, b) => a + b, 0) / logs.length,
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const decisions = Array.from(labels, () => false);
    return { ...one, decisions, right: 0, accuracy: 0, meanLogProbability: null, problem: error.message };
  } finally {
    await classifier?.dispose?.();
  }
}

function isSameResize(one: Preprocessing['card']['resize'], other: Preprocessing['card']['resize']): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function byFit(a: Tried, b: Tried): number {
  const log = (one: Tried): number => one.meanLogProbability ?? Number.NEGATIVE_INFINITY;
  return b.right - a.right || (log(b) === log(a) ? 0 : log(b) - log(a));
}

/** The first of those that fit best. */
function best(tried: readonly Tried[]): Tried {
  return [...tried].sort(byFit)[0]!;
}

function chanceOf(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}

function judged(tried: readonly Tried[], inForce: Tried, chance: number): Trial {
  const sorted = [...tried].sort(byFit);
  const first = sorted[0]!;
  const count = first.decisions.length;
  const comparisons = Math.max(1, tried.length - 1);
  const test = (one: Tried): number =>
    Math.min(1, comparisons * mcNemarTest(discordant(first.decisions, one.decisions)));
  const { first: onlyBest, second: onlyInForce } = discordant(first.decisions, inForce.decisions);
  const p = test(inForce);
  const isAboveChance = chance < 1 && tried.length * binomialTail(first.right, count, chance) < SIGNIFICANT;
  return {
    count,
    tried: sorted,
    inForce,
    best: first,
    onlyBest,
    onlyInForce,
    p,
    chance,
    verdict: verdictOf(),
    rivals: sorted.slice(1).filter((one) => test(one) >= SIGNIFICANT),
  };

  function verdictOf(): Trial['verdict'] {
    // A constant answer would be right, so that a wrong preprocessing may be ahead.
    if (chance === 1) return 'inconclusive';
    if (!isAboveChance) return 'chance';
    if (first !== inForce && p < SIGNIFICANT) return 'other';
    return first.right === inForce.right ? 'fits' : 'inconclusive';
  }
}
