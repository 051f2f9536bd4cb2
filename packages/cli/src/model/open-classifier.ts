/** @file The one place where commands open the model that a user names. */

import {
  type Classifier,
  type Device,
  type ModelCard,
  OnnxClassifier,
  type Runtime,
  type ScoreReading,
} from '@pareidolia/core';
import type { CardOptions } from './card-options.ts';
import { type ModelFile, readModel } from './model-file.ts';

/** What opened it. */
export interface OpenOptions {
  readonly runtime: Runtime;
  readonly device: Device;
  readonly threads: number;
  /** Fields of the card that the user gave as options. */
  readonly cardOptions?: CardOptions;
}

/** A model as a classifier, with what a report says of it. */
export interface OpenedClassifier extends Classifier {
  readonly card: ModelCard;
  /** For each channel the pixel in [0, 1] that the network receives as zero, clipped to the range. */
  readonly origin: readonly number[];
  /** What its outputs were taken for, by whom, and why. */
  readonly reading: Pick<ScoreReading, 'kind' | 'from' | 'why'>;
  /** What the user should know of how it is run; each a sentence without a full stop. */
  readonly notices: readonly string[];
  /** Frees what it holds; it cannot be used afterwards. */
  dispose(): Promise<void>;
}

/** A model that the user named, whatever it is: what a job notes of it. */
export type ModelSource = Pick<
  ModelFile,
  'path' | 'name' | 'sha256' | 'weights' | 'card' | 'cardPath' | 'cardOptions' | 'origin' | 'origins'
>;

/** A model with its classifier. */
export interface OpenedModel {
  readonly model: ModelSource;
  readonly classifier: OpenedClassifier;
  /** The same model with another card, as a classifier of its own; absent where that means nothing. */
  readonly reopen?: (card: ModelCard) => Promise<OpenedClassifier>;
}

/**
 * Opens a model for whoever needs a classifier and no more.
 *
 * @param path as the user gave it; the embedded network when absent
 * @param card path of a card that is to be used instead of what is found
 * @throws InputError where there is no such model, or it is no classifier of images
 */
export async function openModel(
  path: string | undefined,
  card: string | undefined,
  options: OpenOptions,
): Promise<OpenedModel> {
  const model = readModel(path, card, options.cardOptions);
  return {
    model,
    classifier: await openNetwork(model, options),
    reopen: (card) => openNetwork({ ...model, card }, options),
  };
}

/**
 * Opens a model file as a network, for whoever needs its graph.
 *
 * @throws InputError where it is no classifier of images, or the card disagrees
 */
export function openNetwork(
  { bytes, card, name, externalData, notices }: Pick<ModelFile, 'bytes' | 'card' | 'name' | 'externalData' | 'notices'>,
  { runtime, device, threads }: OpenOptions,
): Promise<OnnxClassifier> {
  return OnnxClassifier.load(bytes, { card, runtime, device, threads, where: name, externalData, notices });
}
