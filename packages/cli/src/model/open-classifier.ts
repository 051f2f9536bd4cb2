/** @file The one place where commands open the model that a user names. */

import { readModel as readGraph, upgrade } from '@pareidolia/autodiff';
import {
  type Classifier,
  type Device,
  GuardedSession,
  InputError,
  type ModelCard,
  OnnxClassifier,
  type Runtime,
  type ScoreReading,
  withoutSecrets,
} from '@pareidolia/core';
import { isAddress, readAddress } from '../endpoint/address.ts';
import { type EndpointAccount, openEndpoint } from '../endpoint/open-endpoint.ts';
import { type EndpointOptions, requireNone } from '../endpoint/options.ts';
import { vetModel } from '../vetting/vet-model.ts';
import { findEndpointCard } from './card-lookup.ts';
import type { CardOptions } from './card-options.ts';
import { embeddedName } from './embedded.ts';
import { type ModelFile, readModel } from './model-file.ts';

/** Where a network runs. */
export interface OpenOptions {
  readonly runtime: Runtime;
  readonly device: Device;
  readonly threads: number;
  /** Fields of the card that the user gave as options. */
  readonly cardOptions?: CardOptions;
  /** Whether a guarded model is opened with its detector, as a classifier that has a class for what is refused; it is when absent. */
  readonly behindGuard?: boolean;
}

/** What is needed where a model may be an endpoint. */
export interface OpenModelOptions extends OpenOptions {
  /** How an endpoint is asked. */
  readonly endpoint?: EndpointOptions;
  /** The folder of the job that goes on, where one does: what an endpoint has said is in it. */
  readonly folder?: string;
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
  /** Opens the detector that is folded into the model, where its card says that there is one. */
  readonly openGuard?: () => Promise<GuardedSession>;
  /** Of an endpoint: what it was asked, and where that is kept. */
  readonly account?: EndpointAccount;
}

/**
 * Opens a model for whoever needs a classifier and no more.
 *
 * @param path as the user gave it: a file, or the address of an endpoint; the embedded network when absent
 * @param card path of a card that is to be used instead of what is found
 * @throws InputError where there is no such model, or it is no classifier of images
 */
export async function openModel(
  path: string | undefined,
  card: string | undefined,
  options: OpenModelOptions,
): Promise<OpenedModel> {
  if (isAddress(path)) return openAddress(path, card, options);
  requireNone(options.endpoint);
  const model = readModel(path, card, options.cardOptions);
  const classifier = await openNetwork(model, options);
  return {
    model,
    classifier,
    ...(model.card.guard === undefined ? {} : { openGuard: () => openGuard(model, classifier, options) }),
    reopen: (card) => openVetted({ ...model, card }, options),
  };
}

async function openAddress(
  given: string,
  cardPath: string | undefined,
  { endpoint = {}, folder, cardOptions = {} }: OpenModelOptions,
): Promise<OpenedModel> {
  const address = readAddress(given, process.env);
  const { where, name, stored } = address;
  const { notices, ...found } = findEndpointCard(where, cardPath, cardOptions);
  const { card } = found;
  const options = { address, card, options: endpoint, environment: process.env, notices };
  const { classifier, sha256, account } = await openEndpoint(folder === undefined ? options : { ...options, folder });
  const kept = card.endpoint === undefined ? card : { ...card, endpoint: withoutSecrets(card.endpoint) };
  const model: ModelSource = {
    ...found,
    card: kept,
    path: stored,
    name,
    sha256,
    weights: new Map(),
    cardPath,
    cardOptions,
  };
  return { model, classifier, account };
}

/**
 * Opens a model file as a network, for whoever needs its graph, after it was tried in a process of its own.
 *
 * @throws InputError where it is no classifier of images, or the card disagrees
 */
export async function openNetwork(
  model: Pick<ModelFile, 'path' | 'bytes' | 'sha256' | 'weights' | 'card' | 'name' | 'externalData' | 'notices'>,
  options: OpenOptions,
): Promise<OnnxClassifier> {
  // Embedded networks are no stranger's.
  if (embeddedName(model.path) === undefined) await vetModel(model);
  return openVetted(model, options);
}

function openVetted(
  { bytes, card, name, externalData, notices }: Pick<ModelFile, 'bytes' | 'card' | 'name' | 'externalData' | 'notices'>,
  { runtime, device, threads, behindGuard = true }: OpenOptions,
): Promise<OnnxClassifier> {
  return OnnxClassifier.load(bytes, {
    card,
    runtime,
    device,
    threads,
    where: name,
    externalData,
    notices,
    behindGuard,
  });
}

/** @throws InputError where the model lacks an output that its card names */
async function openGuard(
  { bytes, card, name, externalData }: ModelFile,
  classifier: OnnxClassifier,
  { runtime, device, threads }: OpenOptions,
): Promise<GuardedSession> {
  const { score, accept } = card.guard!;
  const model = upgrade(readGraph(bytes, { externalData }));
  const names = model.graph.outputs.map((output) => output.name);
  const missing = [score, accept].find((output) => !names.includes(output));
  if (missing !== undefined) {
    throw new InputError(
      `${name}: the card's field guard names the output ${missing}, and the model has ${names.join(', ')}; mend it, or leave the field out`,
    );
  }
  return GuardedSession.open({ model, score, accept }, classifier, runtime, { device, threads });
}
