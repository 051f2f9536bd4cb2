/** @file A discriminator as the user names it: its file, and how it is read. */

import {
  type Discriminator,
  discriminatorDetector,
  type Images,
  InputError,
  type OnnxClassifier,
  requireSameImages,
  sliceImages,
} from '@pareidolia/core';
import type { JobInput } from '../job/config.ts';
import { type ModelFile, readModel } from '../model/model-file.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { type OpenOptions, openNetwork } from '../model/open-classifier.ts';

/** A discriminator that the user asks for. */
export interface DiscriminatorRequest {
  /** Path of its file. */
  readonly discriminator: string;
  /** What black and white are for it; as its card says when absent, else by evidence. */
  readonly discriminatorRange?: readonly [black: number, white: number] | undefined;
}

/** A discriminator that was read. */
export interface OpenedDiscriminator extends Discriminator {
  readonly classifier: OnnxClassifier;
  readonly file: ModelFile;
  /** What was guessed, and why; each a sentence without a full stop. */
  readonly notices: readonly string[];
}

/** Ranges that are tried. */
const RANGES = [
  [0, 1],
  [-1, 1],
  [0, 255],
] as const;

/** Real images that they are tried on. */
const MOST_TRIED = 200;

/**
 * Reads a discriminator. Where neither an option nor its card says what black and white are, the range is taken in which it is
 * least certain of real images: a discriminator is trained against a generator until neither wins, so its log-odds for real images are
 * small, while pixels in other units make them large.
 *
 * @param classifier that it judges for
 * @param real some real images, where there are any
 * @throws InputError where it is none, takes other images, or nothing says its range
 */
export async function openDiscriminator(
  { discriminator: path, discriminatorRange: given }: DiscriminatorRequest,
  classifier: Pick<OnnxClassifier, 'shape' | 'where'>,
  real: Images | undefined,
  options: OpenOptions,
): Promise<OpenedDiscriminator> {
  const opened = (range: readonly [number, number] | undefined): Promise<OpenedDiscriminator> =>
    open(path, range, classifier, options);
  if (given !== undefined) return opened(given);
  const said = await opened(undefined);
  if (['range', 'mean', 'deviation'].some((field) => said.file.origins.has(field))) return said;
  const { file } = said;
  await said.classifier.dispose();
  if (real === undefined || real.count === 0) {
    throw new InputError(
      `${file.name}: nothing says what black and white are for it; give --discriminator-range, or real images to find out by`,
    );
  }
  const some = sliceImages(real, 0, Math.min(MOST_TRIED, real.count));
  const tried: { readonly range: readonly [number, number]; readonly odds: number }[] = [];
  for (const range of RANGES) {
    const one = await opened(range);
    try {
      tried.push({ range, odds: await usualOdds(one, some) });
    } finally {
      await one.classifier.dispose();
    }
  }
  const [best] = [...tried].sort((a, b) => a.odds - b.odds);
  const words = tried.map(({ range, odds }) => `${odds.toPrecision(2)} for [${range.join(', ')}]`).join(', ');
  const notice = `${file.name}: black is ${best!.range[0]} and white is ${best!.range[1]} for it, where its log-odds for ${some.count} real images are least (median size ${words}); --discriminator-range or a card says otherwise`;
  const one = await opened(best!.range);
  return { ...one, notices: [notice] };
}

async function open(
  path: string,
  range: readonly [number, number] | undefined,
  classifier: Pick<OnnxClassifier, 'shape' | 'where'>,
  options: OpenOptions,
): Promise<OpenedDiscriminator> {
  const file = readModel(path, undefined, range === undefined ? {} : { range: [...range] });
  const judge = await openJudge(file, options);
  try {
    const names = file.card.classNames ?? [];
    const isFirst = /real/i.test(names[0] ?? '') && !/real/i.test(names[1] ?? '');
    const found: Discriminator = { classifier: judge, realClass: isFirst ? 0 : 1 };
    discriminatorDetector(found);
    requireSameImages(found, classifier);
    return { ...found, classifier: judge, file, notices: [] };
  } catch (error) {
    await judge.dispose();
    throw error;
  }
}

/** A single output without a sigmoid, which says nothing of a classifier's classes, is a discriminator's log-odds. */
async function openJudge(file: ModelFile, options: OpenOptions): Promise<OnnxClassifier> {
  const quiet = { ...file, notices: [] };
  try {
    return await openNetwork(quiet, options);
  } catch (error) {
    if (!(error instanceof InputError) || file.card.output !== undefined) throw error;
    const asLogit = { ...quiet, card: { ...file.card, output: 'logits' as const } };
    return await openNetwork(asLogit, options).catch(() => {
      throw error;
    });
  }
}

/** The median size of the log-odds. */
async function usualOdds(judge: Discriminator, images: Images): Promise<number> {
  const { data } = await judge.classifier.logits(images);
  const sizes = Float64Array.from({ length: images.count }, (_, row) => Math.abs(data[2 * row + 1]! - data[2 * row]!));
  return sizes.sort()[Math.floor(sizes.length / 2)]!;
}

/** A discriminator as a job's configuration names it. */
export function discriminatorInputs({ file }: OpenedDiscriminator): Record<string, JobInput> {
  return modelInputs(file, 'discriminator');
}
