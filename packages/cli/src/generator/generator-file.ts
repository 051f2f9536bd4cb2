/** @file A generator as the user names it: its file, its card, and options that count more. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import {
  Generator,
  type GeneratorCard,
  InputError,
  LATENT_DISTRIBUTIONS,
  parseGeneratorCard,
  type Runtime,
} from '@pareidolia/core';
import { z } from 'zod';
import { readInput, readJson } from '../data/read.ts';
import { quote } from '../job/command-line.ts';
import type { JobConfig, JobInput } from '../job/config.ts';
import { sha256 as hashOf } from '../job/hash.ts';
import { cardPath } from '../model/card-lookup.ts';
import { weightInputs } from '../model/model-inputs.ts';
import { graphIfReadable } from '../model/read-graph.ts';
import { type WeightFiles, weightsBeside } from '../model/weight-files.ts';
import { vetModel } from '../vetting/vet-model.ts';
import { embeddedGeneratorFile } from './embedded.ts';

const schema = z.object({
  latentDimension: z.int().exactOptional(),
  latentDistribution: z.enum(LATENT_DISTRIBUTIONS).exactOptional(),
  generatorRange: z.tuple([z.number(), z.number()]).exactOptional(),
  generatorClass: z.string().exactOptional(),
});

/** As the options `--latent-dimension`, `--latent-distribution`, `--generator-range` and `--generator-class` say. */
export type GeneratorOptions = z.infer<typeof schema>;

/** A generator that the user asks for. */
export interface GeneratorRequest extends GeneratorOptions {
  /** Path of its file, or the name of an embedded one. */
  readonly generator: string;
  /** Path of a card that is to be used instead of the one beside it. */
  readonly generatorCard?: string | undefined;
}

/** A generator's file with its card. */
export interface GeneratorFile extends WeightFiles {
  /** As the user gave it, be it the name of an embedded generator; `undefined` for bytes that are in no file. */
  readonly path: string | undefined;
  /** The file's name without its folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** What is known of it; what is left out is found when it is loaded. */
  readonly card: GeneratorCard;
}

/** A generator that was read, with what a job notes of it. */
export interface OpenedGenerator extends Pick<GeneratorFile, 'sha256' | 'weights'> {
  readonly generator: Generator;
  readonly request: GeneratorRequest;
  /** In words, for example "file g.card.json". */
  readonly origin: string;
}

/** The options alone, without what was left out. */
export function generatorOptionsOf(options: GeneratorOptions) {
  const { latentDimension, latentDistribution, generatorRange, generatorClass } = options;
  return {
    ...(latentDimension === undefined ? {} : { latentDimension }),
    ...(latentDistribution === undefined ? {} : { latentDistribution }),
    ...(generatorRange === undefined ? {} : { generatorRange }),
    ...(generatorClass === undefined ? {} : { generatorClass }),
  };
}

/**
 * Reads a generator, after it was tried in a process of its own.
 *
 * @throws InputError where it is none, or its card is not one or of another file
 */
export async function openGenerator(request: GeneratorRequest, runtime: Runtime): Promise<OpenedGenerator> {
  const { origin, ...file } = readGenerator(request);
  const { sha256, weights } = file;
  return { generator: await loadGenerator(file, runtime), request, origin, sha256, weights };
}

/**
 * Reads the file of a generator and its card.
 *
 * @returns with where the card comes from, in words
 * @throws InputError where there is none, or its card is not one or of another file
 */
export function readGenerator(request: GeneratorRequest): GeneratorFile & Pick<OpenedGenerator, 'origin'> {
  const { generator: given, generatorCard } = request;
  const embedded = embeddedGeneratorFile(given);
  const path = embedded ?? given;
  const bytes = readInput(path, 'generator');
  const sha256 = hashOf(bytes);
  const beside = [`${path}.card.json`, cardPath(path)].find((each) => existsSync(each));
  const from = generatorCard ?? beside;
  const written =
    from === undefined
      ? { kind: 'generator' as const }
      : parseGeneratorCard(readJson(from, 'card of the generator'), from);
  if (written.sha256 !== undefined && written.sha256 !== sha256) {
    throw new InputError(
      `${from} belongs to a generator with SHA-256 ${written.sha256.slice(0, 12)}..., but ${path} has ${sha256.slice(0, 12)}...; give the card of this one, or mend its field sha256`,
    );
  }
  const { latentDimension, latentDistribution, generatorRange, generatorClass } = request;
  const card: GeneratorCard = {
    ...written,
    ...(latentDimension === undefined ? {} : { latentDimension }),
    ...(latentDistribution === undefined ? {} : { latentDistribution }),
    ...(generatorRange === undefined ? {} : { range: generatorRange }),
    ...(generatorClass === undefined ? {} : { class: generatorClass }),
  };
  const files = weightsBeside(path);
  // For which files of weights there are.
  graphIfReadable(bytes, files.externalData);
  const options = Object.keys(generatorOptionsOf(request)).length > 0 ? ' and options' : '';
  const isOwnCard = embedded !== undefined && generatorCard === undefined;
  const origin = isOwnCard ? 'embedded with the generator' : from === undefined ? 'no card' : `file ${from}`;
  return { path: given, name: basename(path), bytes, sha256, card, ...files, origin: `${origin}${options}` };
}

/**
 * Loads a generator, after it was tried in a process of its own; an embedded one needs no trial.
 *
 * @throws InputError where it is none
 */
export async function loadGenerator(file: GeneratorFile, runtime: Runtime): Promise<Generator> {
  const { path, name, bytes, sha256, weights, externalData, card } = file;
  if (path === undefined || embeddedGeneratorFile(path) === undefined) {
    await vetModel({ path, name, bytes, sha256, weights, externalData });
  }
  return Generator.load(bytes, { runtime, where: name, card, externalData });
}

/** A generator as a job's configuration names it. */
export function generatorInputs({
  generator,
  request,
  origin,
  sha256,
  weights,
}: OpenedGenerator): Record<string, JobInput> {
  const { card, where } = generator;
  const options = generatorOptionsOf(request);
  return {
    generator: { name: where, path: request.generator, sha256 },
    'generator card': {
      name: origin,
      ...(request.generatorCard === undefined ? {} : { path: request.generatorCard }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
      sha256: hashOf(JSON.stringify(card)),
      contents: JSON.parse(JSON.stringify(card)),
    },
    ...weightInputs(weights, 'generator'),
  };
}

/** The generator of a job that is resumed, by its configuration; `undefined` where it has none. */
export function earlierGenerator(before: Pick<JobConfig<unknown>, 'inputs'> | undefined): GeneratorRequest | undefined {
  const path = before?.inputs.generator?.path;
  if (path === undefined) return undefined;
  const card = before!.inputs['generator card'];
  return {
    generator: path,
    ...(card?.path === undefined ? {} : { generatorCard: card.path }),
    ...(schema.safeParse(card?.options).data ?? {}),
  };
}

/** The generator as words of a command for a shell. */
export function generatorWords(request: GeneratorRequest): string[] {
  const { generator, generatorCard, latentDimension, latentDistribution, generatorRange, generatorClass } = request;
  const words = ['--generator', quote(generator)];
  if (generatorCard !== undefined) words.push('--generator-card', quote(generatorCard));
  if (latentDimension !== undefined) words.push('--latent-dimension', String(latentDimension));
  if (latentDistribution !== undefined) words.push('--latent-distribution', latentDistribution);
  if (generatorRange !== undefined) words.push('--generator-range', generatorRange.join(','));
  if (generatorClass !== undefined) words.push('--generator-class', quote(generatorClass));
  return words;
}
