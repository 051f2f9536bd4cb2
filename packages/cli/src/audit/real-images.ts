/** @file The real images of an audit, and the images of other things. */

import { existsSync } from 'node:fs';
import { InputError, imageSize, type ModelCard } from '@pareidolia/core';
import { type AuditBudget, MOST_REAL_IMAGES, type RealImages } from '@pareidolia/lab';
import { DATASET_NAMES } from '../data/dataset-names.ts';
import { type ImageRequest, type ImageSource, openImages } from '../images/image-source.ts';
import { embeddedName } from '../model/embedded.ts';
import type { OpenedClassifier } from '../model/open-classifier.ts';
import type { AuditSettings } from './settings.ts';

/** Values that all images have together, at most: they are in memory. */
const MOST_VALUES = 300_000_000;

/** Datasets by name. */

/** Images with what is told of them. */
export interface LoadedImages {
  readonly images: RealImages;
  readonly labelling: 'dataset' | 'file' | 'folders' | undefined;
  readonly inAll: number;
  /** Each a sentence without a full stop. */
  readonly leftOut: readonly string[];
  /** Whether they are pictures that were resized. */
  readonly isResized: boolean;
}

/** What an audit reads of real images, besides how many. */
type ImageSettings = Pick<AuditSettings, 'model' | 'images' | 'data' | 'labels' | 'limit' | 'strict'>;

/**
 * The real images that are asked for: the embedded network has digits at hand; any other has the images that the user names.
 *
 * @returns `undefined` where there are none
 * @throws InputError where there are labels without pictures
 */
export function imageRequest(
  { model, images, data, labels, limit, strict }: ImageSettings,
  seed: number,
): ImageRequest | undefined {
  const own = data ?? (images === undefined ? embeddedName(model) : undefined);
  if (images !== undefined || own !== undefined) return { images, data: own, labels, limit, strict, seed };
  if (labels !== undefined) throw new InputError('--labels belongs to --images; give the pictures, too');
  return undefined;
}

/**
 * Opens the real images without reading pictures: whether there are any, and fit the classifier.
 *
 * @throws InputError where they do not
 */
export async function openRealImages(
  classifier: Pick<OpenedClassifier, 'shape' | 'classNames' | 'numClasses' | 'card'>,
  settings: ImageSettings,
  seed: number,
): Promise<ImageSource | undefined> {
  const request = imageRequest(settings, seed);
  return request === undefined ? undefined : openImages(classifier, classifier.card, { ...request, sample: 1 });
}

/**
 * Opens the images of other things in the same way.
 *
 * @throws InputError where there are none, or they do not fit
 */
export function openOutliers(
  { shape, card }: Pick<OpenedClassifier, 'shape' | 'card'>,
  outliers: string,
  seed: number,
): Promise<ImageSource> {
  const { classes, request } = outlierRequest(shape, outliers, seed);
  return openImages(classes, card, { ...request, sample: 1 });
}

/**
 * Reads images into memory: all of them, or as many as the budget looks at, spread over the classes.
 *
 * @param onRead called as images are read
 * @throws InputError where there are none, or they do not fit the classifier; the signal's reason
 */
export async function loadImages(
  classifier: Pick<OpenedClassifier, 'shape' | 'classNames' | 'numClasses'>,
  card: Pick<ModelCard, 'resize'>,
  request: ImageRequest,
  budget: AuditBudget,
  { signal, onRead }: { readonly signal: AbortSignal; readonly onRead: (done: number, total: number) => void },
): Promise<LoadedImages> {
  const size = imageSize(classifier.shape);
  const sample = Math.max(1, Math.min(MOST_REAL_IMAGES[budget], Math.floor(MOST_VALUES / size)));
  const source = await openImages(classifier, card, { ...request, sample });
  const data = new Uint8Array(source.count * size);
  const names: string[] = [];
  const labels: number[] = [];
  for await (const batch of source.batches()) {
    signal.throwIfAborted();
    data.set(batch.images.data, names.length * size);
    names.push(...batch.names);
    labels.push(...(batch.labels ?? []));
    onRead(batch.places.at(-1)! + 1, source.count);
  }
  const count = names.length;
  const images: RealImages = {
    origin: source.origin,
    images: { ...classifier.shape, count, data: data.subarray(0, count * size) },
    names,
    ...(source.labelling === undefined ? {} : { labels: Int32Array.from(labels) }),
  };
  return {
    images,
    labelling: source.labelling,
    inAll: source.inAll,
    leftOut: source.leftOut,
    isResized: source.isResized,
  };
}

/**
 * Reads images of other things: their classes, if folders or labels name some, are not looked at.
 *
 * @param outliers a folder of pictures, or a dataset by its name
 * @throws as {@link loadImages}
 */
export function loadOutliers(
  { shape }: Pick<OpenedClassifier, 'shape'>,
  card: Pick<ModelCard, 'resize'>,
  outliers: string,
  seed: number,
  budget: AuditBudget,
  observer: { readonly signal: AbortSignal; readonly onRead: (done: number, total: number) => void },
): Promise<LoadedImages> {
  const { classes, request } = outlierRequest(shape, outliers, seed);
  return loadImages(classes, card, request, budget, observer);
}

function outlierRequest(
  shape: OpenedClassifier['shape'],
  outliers: string,
  seed: number,
): {
  readonly classes: Pick<OpenedClassifier, 'shape' | 'classNames' | 'numClasses'>;
  readonly request: ImageRequest;
} {
  if (outliers === '') throw new InputError('--outliers is empty; give a folder of pictures, or a dataset');
  const isDataset = DATASET_NAMES.includes(outliers) && !existsSync(outliers);
  const request = isDataset ? { data: outliers, seed } : { images: outliers, seed };
  // Any label of a dataset fits, and no folder names a class.
  return { classes: { shape, classNames: [], numClasses: isDataset ? Number.MAX_SAFE_INTEGER : 0 }, request };
}
