/** @file Elites as a page shows them. */

import {
  amplifyContrast,
  argmax,
  type Elite,
  type Encoding,
  type ImageShape,
  imageSize,
  isPaletteEncoding,
  type Origin,
  type Scorer,
  scoresOf,
  toCppnDocument,
  toPaletteDocument,
  unpackCppn,
} from '@pareidolia/core';
import { drawElite } from './elite-image.ts';
import { topGuesses } from './guesses.ts';
import type { Pedigree } from './lineage.ts';
import type { ElitePicture, EliteView } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** A network of a run that has several. */
export interface RunNetwork {
  readonly name: string;
  readonly scorer: Scorer;
  /** Whether it was searched, and not only shown the images. */
  readonly isSearched: boolean;
}

/** What is needed to show the elites of a run. */
export interface EliteSource {
  /** That of the search: of several networks, what the least certain of them says. */
  readonly scorer: Scorer;
  /** The networks of a run of several, each by itself. */
  readonly networks?: readonly RunNetwork[];
  readonly classNames: readonly string[];
  /** How its candidates were made. */
  readonly origin: Origin;
  readonly pedigree: Pedigree;
  /** The packed genome of an individual that is still an elite; `undefined` of others. */
  readonly genomeOf: (id: number) => Uint8Array | undefined;
}

const TOP = 5;

/** Values of an image. */
const SMALL = 10_000;

/** An image whose contrast can be multiplied by this, one hardly sees anything in. */
export const LEAST_FACTOR = 3;

/** No side of an ancestor's picture is longer. */
const ANCESTOR_SIZE = 96;

/** An elite of a grid. */
export interface ShownElite {
  readonly classIndex: number;
  readonly id: number;
  readonly confidence: number;
  /** Packed. */
  readonly genome: Uint8Array;
}

/**
 * Pictures of elites for a grid, with the network's answer where that may be another class.
 *
 * @param size no side of a picture is longer, in pixels
 * @param scorer that is asked; nobody is where it is absent
 */
export async function elitePictures(
  elites: readonly ShownElite[],
  encoding: Encoding,
  size: number,
  scorer: Scorer | undefined,
): Promise<ElitePicture[]> {
  const images = await Promise.all(elites.map(({ genome }) => drawElite(genome, encoding)));
  const unsure = [...elites.keys()].filter((place) => elites[place]!.confidence <= 0.5);
  const answers =
    scorer === undefined
      ? []
      : await answersOf(
          unsure.map((place) => images[place]!),
          encoding,
          scorer,
        );
  return elites.map(({ classIndex, id }, place) => {
    const answer = answers[unsure.indexOf(place)];
    const picture = thumbnail(images[place]!, encoding.shape, size);
    return { classIndex, id, ...picture, ...(answer === undefined || answer === classIndex ? {} : { answer }) };
  });
}

/** Whether images are so small that asking about a screen of them holds no search up. */
export function isSmall({ shape }: { readonly shape: ImageShape }): boolean {
  return imageSize(shape) <= SMALL;
}

async function answersOf(images: readonly Uint8Array[], { shape }: Encoding, scorer: Scorer): Promise<number[]> {
  if (images.length === 0) return [];
  const size = imageSize(shape);
  const data = new Uint8Array(images.length * size);
  for (const [place, image] of images.entries()) data.set(image, place * size);
  const { channels, height, width } = shape;
  const scores = await scorer.predict({ channels, height, width, count: images.length, data });
  return images.map((_, row) => argmax(scoresOf(scores, row)));
}

/**
 * All that a page shows of an elite: its image, what the network sees in it, its genome and its ancestors.
 *
 * @param label index of the class whose elite it is
 * @param source the run that the elite comes from
 */
export async function viewElite(elite: Elite, label: number, source: EliteSource): Promise<EliteView> {
  const { scorer, networks = [], classNames, origin, pedigree, genomeOf } = source;
  const { encoding } = origin;
  const { channels, height, width } = scorer.shape;
  const shape: ImageShape = { channels, height, width };
  const planes = await drawElite(elite.genome, encoding);
  const scores = await scorer.predict({ ...shape, count: 1, data: planes });
  const row = scoresOf(scores, 0);
  const said: EliteView['networks'][number][] = [];
  for (const { name, scorer: own, isSearched } of networks) {
    const answer = scoresOf(await own.predict({ ...shape, count: 1, data: planes }), 0);
    said.push({ name, isSearched, confidence: answer[label]!, answer: topGuesses(answer, classNames, 1)[0]! });
  }
  const { planes: amplified, factor } = amplifyContrast(planes, shape);
  const isImage = encoding.document(encoding.unpack(elite.genome)).kind === 'image';
  const document = documentOf(elite.genome.slice(), encoding);
  return {
    classIndex: label,
    className: classNames[label]!,
    id: elite.id,
    confidence: row[label]!,
    picture: { ...shape, planes },
    ...(factor < LEAST_FACTOR ? {} : { amplified: { planes: amplified, factor } }),
    top: topGuesses(row, classNames, TOP),
    networks: said,
    ...(isImage ? {} : { genome: elite.genome.slice() }),
    ...(document === undefined ? {} : { document }),
    lineage: await pedigree.lineWithPictures(elite, classNames, { origin, genomeOf, size: ANCESTOR_SIZE }),
  };
}

/** How an image is drawn, where a CPPN draws it. */
function documentOf(genome: Uint8Array, encoding: Encoding): EliteView['document'] {
  const { channels } = encoding.shape;
  if (encoding.name === 'cppn') return toCppnDocument(unpackCppn(genome, channels));
  if (isPaletteEncoding(encoding)) return toPaletteDocument(encoding.unpack(genome), channels);
  return undefined;
}
