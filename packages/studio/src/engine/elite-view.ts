/** @file Elites as a page shows them. */

import {
  type Elite,
  type Encoding,
  type ImageShape,
  imageSize,
  type Origin,
  type Scorer,
  scoresOf,
  toCppnDocument,
  unpackCppn,
} from '@pareidolia/core';
import { requireDrawable } from './genome-limits.ts';
import { topGuesses } from './guesses.ts';
import type { Pedigree } from './lineage.ts';
import type { EliteView, Picture } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** What is needed to show the elites of a run. */
export interface EliteSource {
  readonly scorer: Scorer;
  readonly classNames: readonly string[];
  /** How its candidates were made. */
  readonly origin: Origin;
  readonly pedigree: Pedigree;
}

const TOP = 5;

/** No side of an ancestor's picture is longer. */
const ANCESTOR_SIZE = 96;

/**
 * The image of a genome.
 *
 * @param genome packed
 * @returns `C x H x W`, 8-bit
 * @throws InputError where it is no genome of the encoding, or one that would take too long to draw
 */
export async function drawElite(genome: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  if (encoding.name === 'cppn') requireDrawable(genome, encoding.shape, { isWhole: true });
  const planes = new Uint8Array(imageSize(encoding.shape));
  await encoding.render([encoding.unpack(genome)], planes);
  return planes;
}

/**
 * A picture of an elite for a grid.
 *
 * @param genome packed
 * @param size no side of the picture is longer, in pixels
 */
export async function elitePicture(genome: Uint8Array, encoding: Encoding, size: number): Promise<Picture> {
  return thumbnail(await drawElite(genome, encoding), encoding.shape, size);
}

/**
 * All that a page shows of an elite: its image, what the network sees in it, its genome and its ancestors.
 *
 * @param label index of the class whose elite it is
 * @param source the run that the elite comes from
 */
export async function viewElite(elite: Elite, label: number, source: EliteSource): Promise<EliteView> {
  const { scorer, classNames, origin, pedigree } = source;
  const { encoding } = origin;
  const { channels, height, width } = scorer.shape;
  const shape: ImageShape = { channels, height, width };
  const planes = await drawElite(elite.genome, encoding);
  const scores = await scorer.predict({ ...shape, count: 1, data: planes });
  const row = scoresOf(scores, 0);
  const isImage = encoding.document(encoding.unpack(elite.genome)).kind === 'image';
  const document = encoding.name === 'cppn' ? toCppnDocument(unpackCppn(elite.genome.slice(), channels)) : undefined;
  return {
    classIndex: label,
    className: classNames[label]!,
    id: elite.id,
    confidence: row[label]!,
    picture: { ...shape, planes },
    top: topGuesses(row, classNames, TOP),
    ...(isImage ? {} : { genome: elite.genome.slice() }),
    ...(document === undefined ? {} : { document }),
    // Genomes that an emitter made itself cannot be made again.
    lineage:
      origin.variation === undefined
        ? pedigree.line(elite.id, classNames)
        : await pedigree.lineWithPictures(elite.id, classNames, origin, ANCESTOR_SIZE),
  };
}
