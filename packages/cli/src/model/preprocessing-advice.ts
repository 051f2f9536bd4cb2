/** @file Tries the usual preprocessings on labelled images, where nothing decides the preprocessing or the accuracy is low. */

import {
  finiteRows,
  type Images,
  type ModelCard,
  selectImages,
  stratifiedSample,
  tryPreprocessings,
} from '@pareidolia/core';
import { summarizeTrial, type TrialSummary } from '@pareidolia/lab';
import type { OpenedClassifier, OpenedModel } from './open-classifier.ts';

/** Images of a trial, where nothing else decides the preprocessing. */
export const TRIAL_IMAGES = 200;

/** Images of a trial that only watches over a card. */
const WATCHED_IMAGES = 50;

/** Images of a trial that is made beside something else. */
const ASIDE_IMAGES = 100;

/** With a card, and more right than this, nothing is tried. */
const DOUBTFUL_ACCURACY = 0.75;

/** Fields of a card that decide what becomes of pixels. */
const DECIDING = ['range', 'mean', 'deviation'] as const;

/** Whether a card says how pixels become inputs. */
export function isDecided({ model }: Pick<OpenedModel, 'model'>): boolean {
  return DECIDING.some((field) => model.origins.has(field));
}

/**
 * How many images a trial takes.
 *
 * @param accuracy with the card in force
 * @param asked the number that the user gave; the usual one when absent
 * @returns 0 for no trial
 */
export function trialSize(opened: OpenedModel, accuracy: number, asked: number | undefined): number {
  if (opened.reopen === undefined) return 0;
  if (asked !== undefined) return asked;
  if (!isDecided(opened)) return TRIAL_IMAGES;
  return accuracy < DOUBTFUL_ACCURACY ? WATCHED_IMAGES : 0;
}

/** Images with their classes, of which a trial takes some. */
export interface TrialImages {
  readonly labels: ArrayLike<number>;
  /** Images by their places among the labels. */
  read(places: readonly number[], card: Pick<ModelCard, 'resize'>): Promise<Images>;
  /** Whether they are pictures that are resized as the card says. */
  readonly isResized: boolean;
}

/**
 * @param count images at most
 * @param progress called before each candidate
 */
export async function tryUsual(
  { model, classifier, reopen }: OpenedModel,
  images: TrialImages,
  {
    count,
    seed,
    progress,
  }: { readonly count: number; readonly seed: number; readonly progress: (done: number, total: number) => void },
): Promise<TrialSummary> {
  const { card, shape } = classifier;
  const places = stratifiedSample(images.labels, count, seed);
  const read = new Map<string, Promise<Images>>();
  const trial = await tryPreprocessings({
    card,
    channels: shape.channels,
    labels: places.map((place) => images.labels[place]!),
    resizes: images.isResized && !model.origins.has('resize') ? resizesFor(classifier) : [],
    load: (own) => reopen!(own),
    images: (own) => {
      // All candidates of a size are of the same pixels.
      const key = JSON.stringify(own.resize ?? null);
      const known = read.get(key) ?? images.read(places, own);
      read.clear();
      read.set(key, known);
      return known;
    },
    progress,
  });
  return summarizeTrial(trial);
}

/**
 * What somebody should know who uses labelled images for something else: that another preprocessing fits them better, where
 * nothing decides it.
 *
 * @returns sentences without a full stop; none where the preprocessing is decided, or fits
 */
export async function preprocessingNotices(
  opened: OpenedModel,
  { images, labels }: { readonly images: Images; readonly labels: ArrayLike<number> },
  seed: number,
  progress: (done: number, total: number) => void,
): Promise<string[]> {
  if (opened.reopen === undefined || isDecided(opened)) return [];
  // An image without finite outputs would speak against every preprocessing.
  const sound = finiteRows(await opened.classifier.logits(images));
  if (sound.length === 0) return [];
  const { verdict, sentence } = await tryUsual(
    opened,
    {
      labels: sound.map((place) => labels[place]!),
      isResized: false,
      read: async (places) =>
        selectImages(
          images,
          places.map((place) => sound[place]!),
        ),
    },
    { count: ASIDE_IMAGES, seed, progress },
  );
  return verdict === 'fits' ? [] : [sentence];
}

/** Ways to bring photographs to the size of the input. Small images have their size already, or are scaled as they are. */
function resizesFor({ shape: { height, width } }: Pick<OpenedClassifier, 'shape'>) {
  const side = Math.min(height, width);
  if (side < 96) return [];
  return [
    { title: 'squashed to the size of the input', resize: { mode: 'squash' } },
    {
      title: `cropped from a shorter side of ${Math.round((side * 256) / 224)}`,
      resize: { shorterSide: Math.round((side * 256) / 224) },
    },
  ] as const;
}
