/** @file Networks as a plan names them: a file, an embedded network, or an address that they are fetched from. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ExternalDataError, readModel as readOnnx } from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';
import { isAddress } from '../../endpoint/address.ts';
import { isEmbeddedGenerator } from '../../generator/embedded.ts';
import { type GeneratorFile, readGenerator } from '../../generator/generator-file.ts';
import { sha256 } from '../../job/hash.ts';
import { EMBEDDED_NETWORKS, USUAL_NETWORK } from '../../model/embedded.ts';
import { embeddedWord, isFile } from '../../model/embedded-word.ts';
import { type ModelFile, readModel } from '../../model/model-file.ts';
import { readLimited } from '../store/http-store.ts';
import type { PlanContext, ResolveOptions } from './plan-context.ts';
import type { PlannedGenerator, PlannedModel } from './plan-schema.ts';
import { MOST_INPUT } from './resolved-plan.ts';

type PlannedNetwork = Exclude<PlannedModel, string>;

/** What a plan calls a network where it does not say. */
export function nameOf(network: PlannedModel | PlannedGenerator): string {
  if (typeof network !== 'string' && network.name !== undefined) return network.name;
  const file = typeof network === 'string' ? network : network.file;
  return (
    basename(isAddress(file) ? new URL(file).pathname : file)
      .replace(/\.onnx$/i, '')
      .slice(0, 100) || 'model'
  );
}

/** @throws InputError where it is not there, or is another than the plan says */
export async function readPlannedModel(planned: PlannedModel, context: PlanContext): Promise<ModelFile> {
  const model = typeof planned === 'string' ? { file: planned } : planned;
  const card = model.card === undefined ? undefined : context.at(model.card);
  const embedded = EMBEDDED_NETWORKS.find((name) => name === model.file);
  if (embedded !== undefined && !isFile(context.at(embedded))) {
    return readModel(embedded === USUAL_NETWORK ? undefined : embeddedWord(embedded, context.at('.')), card);
  }
  if (isAddress(model.file) && model.sha256 === undefined) {
    throw new InputError(
      `${model.file}: give sha256 with a model that is fetched, so that it is known to be the one that is meant; an endpoint that is asked for scores cannot be part of a campaign, since nobody can know that it answers each worker, and each time, the same`,
    );
  }
  return readNetwork(model, context, (path) => readModel(path, card));
}

/** @throws InputError where it is not there, or is another than the plan says */
export async function readPlannedGenerator(planned: PlannedGenerator, context: PlanContext): Promise<GeneratorFile> {
  const given = typeof planned === 'string' ? { file: planned } : planned;
  const { card, latentDimension, latentDistribution, range, class: chosen } = given;
  if (isAddress(given.file) && given.sha256 === undefined) {
    throw new InputError(
      `${given.file}: give sha256 with a generator that is fetched, so that it is known to be the one that is meant`,
    );
  }
  const embedded = isEmbeddedGenerator(given.file) ? embeddedWord(given.file, context.at('.')) : undefined;
  return readNetwork(given, context, (path) =>
    readGenerator({
      generator: embedded ?? path,
      ...(card === undefined ? {} : { generatorCard: context.at(card) }),
      ...(latentDimension === undefined ? {} : { latentDimension }),
      ...(latentDistribution === undefined ? {} : { latentDistribution }),
      ...(range === undefined ? {} : { generatorRange: range }),
      ...(chosen === undefined ? {} : { generatorClass: chosen }),
    }),
  );
}

/** Reads a network from its file, or from a copy of what is fetched; both have to have the hashes that the plan says. */
async function readNetwork<T extends Pick<ModelFile, 'bytes' | 'sha256' | 'weights' | 'externalData'>>(
  network: PlannedNetwork,
  context: PlanContext,
  read: (path: string) => T,
): Promise<T> {
  const { file, sha256: wanted, weights = {} } = network;
  const found = isAddress(file) ? await fetchNetwork(network, context.options, read) : read(context.at(file));
  if (wanted !== undefined && found.sha256 !== wanted) throw otherHash(file, wanted, found.sha256);
  const missing = missingWeights(found);
  if (missing !== undefined && isAddress(file)) {
    throw new InputError(
      `${basename(file)} has weights in ${missing}; give its SHA-256 under weights, so that it is fetched from beside it: weights: { ${missing}: ... }`,
    );
  }
  for (const [location, hash] of Object.entries(weights)) {
    const own = found.weights.get(location);
    if (own === undefined && missing === undefined) {
      throw new InputError(`weights names ${location}, where ${basename(file)} has none; leave it out`);
    }
    if (own !== undefined && own !== hash) throw otherHash(location, hash, own);
  }
  return found;
}

/** The first file of weights that is not there, where one is missing. */
function missingWeights({ bytes, externalData }: Pick<ModelFile, 'bytes' | 'externalData'>): string | undefined {
  try {
    readOnnx(bytes, { externalData });
  } catch (error) {
    // What else is wrong is told when it is opened.
    if (error instanceof ExternalDataError) return error.location;
  }
  return undefined;
}

function otherHash(file: string, wanted: string, found: string): InputError {
  return new InputError(
    `${file} has SHA-256 ${found.slice(0, 12)}..., and the plan wants ${wanted.slice(0, 12)}...; give the file that is meant`,
  );
}

/** Fetches a network and its files of weights, which lie beside it, into a folder that is there while they are read. */
async function fetchNetwork<T>(
  { file, sha256: wanted, weights = {} }: PlannedNetwork,
  options: ResolveOptions,
  read: (path: string) => T,
): Promise<T> {
  const url = new URL(file);
  const bytes = await fetchFile(url, wanted!, options);
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-'));
  try {
    // Under its name, so that the usual ways to find a card apply.
    const path = join(folder, basename(url.pathname) || 'model.onnx');
    writeFileSync(path, bytes);
    for (const [location, hash] of Object.entries(weights)) {
      const beside = new URL(location.split('/').map(encodeURIComponent).join('/'), url);
      const copy = join(folder, location);
      mkdirSync(dirname(copy), { recursive: true });
      writeFileSync(copy, await fetchFile(beside, hash, options));
    }
    return read(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws InputError where nobody answers, or other bytes are sent than those that have the hash */
async function fetchFile(
  url: URL,
  wanted: string,
  { onStep, signal }: Pick<ResolveOptions, 'onStep' | 'signal'>,
): Promise<Uint8Array> {
  const where = `${url.origin}${url.pathname}`;
  onStep(`fetching ${where}`);
  const answer = await orSentence(() => fetch(url, { signal }), 'does not answer');
  if (!answer.ok) throw new InputError(`${where} answers ${answer.status}; check the address`);
  const bytes = await orSentence(() => readLimited(answer, MOST_INPUT), 'breaks off before all is sent');
  if (bytes === undefined) throw new InputError(`${where} sends more than 2 GiB; no file of a model is as large`);
  const found = sha256(bytes);
  if (found !== wanted) throw otherHash(where, wanted, found);
  return bytes;

  async function orSentence<T>(work: () => Promise<T>, what: string): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      signal.throwIfAborted();
      throw new InputError(`${where} ${what}; check the address and the network`, { cause });
    }
  }
}
