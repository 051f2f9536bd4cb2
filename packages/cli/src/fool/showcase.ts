/**
 * @file The embedded network has more to show than elites: for each class a pattern, pixels and an ascended image side by side. All of
 * it follows from the checkpoint and the seed, so it can be done again. The patterns are those that the network is certain of and that
 * resemble their digit least.
 */

import { join } from 'node:path';
import {
  argmax,
  drawDigits,
  imageSize,
  LocalBreeder,
  leastAlike,
  openSearch,
  resolveSearch,
  type Scheduler,
  type Scorer,
  SecondLook,
  scoresOf,
  searchEncoding,
  searchVariation,
} from '@pareidolia/core';
import { type Likeness, SHOWCASE_METHODS, type ShowcaseMethod } from '@pareidolia/lab';
import { decodePngs, encodePng } from '../image/png.ts';
import type { JobConfig } from '../job/config.ts';
import { makeFolderIn, replaceFile } from '../job/files.ts';
import { readElite } from './read-elite.ts';
import { type FoolSettings, searchOf } from './settings.ts';

/** Where its images are, in the folder of the search. */
export const SHOWCASE_FOLDER = 'side-by-side';

/** One image; the figures are those of its file. */
export interface ShowcaseImage extends Likeness {
  readonly method: ShowcaseMethod;
  readonly classIndex: number;
  readonly confidence: number;
  readonly argmax: number;
  /** Relative to the folder of the search. */
  readonly file: string;
}

/** All of them, and how many images were tried for them. */
export interface Showcase {
  readonly images: readonly ShowcaseImage[];
  readonly evaluations: number;
}

/** Drawn digits of the means, others for the thresholds, and the seeds of both: neither depends on the search. */
const [PICTURES, OTHERS] = [1000, 500];
const [PICTURES_SEED, OTHERS_SEED] = [1, 2];

/** Shorter searches are tries, which get no showcase. */
const LEAST_GENERATIONS = 200;

/** The confidence that a pattern needs to be shown. */
const BAR = 0.999;

/** Generations of the look for unlike patterns, and of the search among pixels; candidates of both. */
const [LOOKS, PIXEL_GENERATIONS, BATCH] = [20, 100, 200];

/** The second look, where the pictures of the classes are at hand: at the embedded network, whose digits are drawn here. */
export function secondLookOf({ inputs }: Pick<JobConfig<FoolSettings>, 'inputs'>): SecondLook | undefined {
  if (inputs.model?.path !== undefined) return undefined;
  return new SecondLook(drawDigits(PICTURES, PICTURES_SEED), drawDigits(OTHERS, OTHERS_SEED));
}

/** Whether a search is the one that shows what the program does: that of the embedded network, as it is by default. */
export function hasShowcase({ inputs, settings, seed }: JobConfig<FoolSettings>, numClasses: number): boolean {
  const { encoding, emitter, measures, generations = 0, classes } = settings;
  const isUsual = emitter === 'auto' || emitter === 'mutation';
  const usual = measures === undefined && encoding === 'cppn' && isUsual && classes.length === numClasses;
  return inputs.model?.path === undefined && usual && generations >= LEAST_GENERATIONS && seed !== undefined;
}

/** @throws DiskError */
export async function makeShowcase(
  run: string,
  config: JobConfig<FoolSettings>,
  { archive, generations }: Pick<Scheduler, 'archive' | 'generations'>,
  { scorer, look }: { readonly scorer: Scorer; readonly look: SecondLook },
): Promise<Showcase> {
  const seed = config.seed!;
  const { classIndices, elites } = archive;
  // A plain image resembles nothing, and shows nothing either: others come first.
  const resemblance = (image: Uint8Array, classIndex: number): number => look.resemblance(image, classIndex) || 1;
  const spec = searchOf(config.settings, scorer.shape);
  const encoding = searchEncoding(spec, scorer.shape);
  const variation = searchVariation(spec, encoding)!;
  const breeder = new LocalBreeder(encoding, variation, seed);
  const unlike = await leastAlike({
    scorer,
    breeder,
    parents: variation.parents,
    classIndices,
    elites,
    seed,
    bar: BAR,
    resemblance,
    generations: LOOKS,
    batch: BATCH,
    first: generations,
  });
  const draw = async (genome: Uint8Array): Promise<Uint8Array> => {
    const planes = new Uint8Array(imageSize(scorer.shape));
    await encoding.render([encoding.unpack(genome)], planes);
    return planes;
  };
  const patterns = await Promise.all(
    classIndices.map(async (_, cell) => {
      const genome = unlike.cells[cell]?.genome ?? elites[cell]?.genome;
      return genome && (await draw(genome));
    }),
  );
  await breeder.dispose();
  const pixels = await searched(scorer, classIndices, seed, { encoding: 'direct', generations: PIXEL_GENERATIONS });
  const ascent =
    scorer.noGradient === undefined
      ? await searched(scorer, classIndices, seed, { encoding: 'ascent', settings: { starts: 1 } })
      : undefined;
  const all = { patterns, pixels: pixels.images, ascent: ascent?.images ?? [] };
  const images = await saveImages(run, all, { scorer, look, classIndices });
  return { images, evaluations: unlike.evaluations + pixels.evaluations + (ascent?.evaluations ?? 0) };
}

/** The images of a short search that is kept nowhere, by cell. */
async function searched(
  scorer: Scorer,
  classIndices: readonly number[],
  seed: number,
  request: Parameters<typeof resolveSearch>[0],
): Promise<{ readonly images: readonly (Uint8Array | undefined)[]; readonly evaluations: number }> {
  const spec = resolveSearch(request, scorer.shape);
  const search = openSearch(spec, { scorer, classIndices, seed });
  try {
    while (!search.isDone) await search.scheduler.step();
    const encoding = searchEncoding(spec, scorer.shape);
    const images: (Uint8Array | undefined)[] = [];
    for (const elite of search.scheduler.archive.elites) {
      const planes = new Uint8Array(imageSize(scorer.shape));
      if (elite !== undefined) await encoding.render([encoding.unpack(elite.genome)], planes);
      images.push(elite && planes);
    }
    await encoding.dispose?.();
    return { images, evaluations: search.scheduler.evaluations };
  } finally {
    await search.dispose();
  }
}

async function saveImages(
  run: string,
  all: Readonly<Record<ShowcaseMethod, readonly (Uint8Array | undefined)[]>>,
  {
    scorer,
    look,
    classIndices,
  }: { readonly scorer: Scorer; readonly look: SecondLook; readonly classIndices: readonly number[] },
): Promise<ShowcaseImage[]> {
  const folder = makeFolderIn(run, SHOWCASE_FOLDER);
  const written: { readonly method: ShowcaseMethod; readonly classIndex: number; readonly file: string }[] = [];
  for (const [cell, classIndex] of classIndices.entries()) {
    for (const method of SHOWCASE_METHODS) {
      const planes = all[method][cell];
      if (planes === undefined) continue;
      const name = `${classIndex}-${method}.png`;
      replaceFile(join(folder, name), await encodePng(planes, scorer.shape));
      written.push({ method, classIndex, file: `${SHOWCASE_FOLDER}/${name}` });
    }
  }
  const files = written.map(({ file }) => ({ name: file, bytes: readElite(run, file) }));
  const images = await decodePngs(files, scorer.shape);
  const scores = await scorer.predict(images);
  const size = imageSize(scorer.shape);
  return written.map((each, at) => {
    const row = scoresOf(scores, at);
    return {
      ...each,
      confidence: row[each.classIndex]!,
      argmax: argmax(row),
      ...likenessOf(look, images.data.subarray(at * size, (at + 1) * size), each.classIndex),
    };
  });
}

/** How much an image resembles its class, and how much would be enough. */
export function likenessOf(look: SecondLook, image: Uint8Array, classIndex: number): Likeness {
  return { resemblance: look.resemblance(image, classIndex), threshold: look.thresholds[classIndex]! };
}
