/** @file The networks of a plan, opened from bytes that have the right hash: they have no path, and nothing beside them is read. */

import type { EncodingResources, ImageShape } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { loadGenerator } from '../../generator/generator-file.ts';
import type { ModelFile } from '../../model/model-file.ts';
import { type OpenedClassifier, openNetwork } from '../../model/open-classifier.ts';
import { type WeightFiles, weightsInMemory } from '../../model/weight-files.ts';
import { vetModel } from '../../vetting/vet-model.ts';
import type { ResolvedGenerator, ResolvedModel, ResolvedPlan, SearchTask } from '../plan/resolved-plan.ts';

/** Gives bytes that have a hash. */
export type FetchObject = (hash: string) => Promise<Uint8Array>;

/**
 * Opens a model, after it was tried in a process of its own.
 *
 * @throws InputError where it is no classifier of images; whatever `fetch` does
 */
export async function openPlannedModel(
  model: ResolvedModel,
  threads: number,
  fetch: FetchObject,
): Promise<OpenedClassifier> {
  const { name, sha256, card, notices } = model;
  const bytes = await fetch(sha256);
  const file = {
    path: undefined,
    name,
    bytes,
    sha256,
    card,
    notices,
    ...(await weightsOf(model, fetch)),
  } satisfies Partial<ModelFile>;
  // What has no path is taken for the embedded network, which needs no trial.
  await vetModel(file);
  return openNetwork(file, { runtime: nodeRuntime(), device: 'cpu', threads });
}

/**
 * What the encoding of a search needs: its generator, where it has one, as what makes images of a shape.
 *
 * @throws InputError where that is no generator; whatever `fetch` does
 */
export async function searchResources(
  task: SearchTask,
  { generators = [] }: Pick<ResolvedPlan, 'generators'>,
  shape: ImageShape,
  fetch: FetchObject,
): Promise<EncodingResources> {
  if (task.generator === undefined) return {};
  const planned: ResolvedGenerator = generators[task.generator]!;
  const { name, sha256, card } = planned;
  const file = {
    path: undefined,
    name,
    bytes: await fetch(sha256),
    sha256,
    card,
    ...(await weightsOf(planned, fetch)),
  };
  const runtime = nodeRuntime();
  const generator = await loadGenerator(file, runtime);
  return { decoder: generator.decoder(shape), runtime };
}

async function weightsOf({ weights = [] }: Pick<ResolvedModel, 'weights'>, fetch: FetchObject): Promise<WeightFiles> {
  const contents = new Map<string, Uint8Array>();
  for (const { location, sha256 } of weights) contents.set(location, await fetch(sha256));
  const { externalData } = weightsInMemory(contents);
  return { externalData, weights: new Map(weights.map(({ location, sha256 }) => [location, sha256])) };
}
