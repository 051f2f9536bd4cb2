import {
  type CppnGenome,
  type Elite,
  type Encoding,
  type ImageShape,
  imageSize,
  type Scorer,
  scoresOf,
  toCppnDocument,
  unpackCppn,
} from '@pareidolia/core';
import { topGuesses } from './guesses.ts';
import { type Pedigree, withPictures } from './lineage.ts';
import type { EliteView, Picture } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** What is needed to show the elites of a run. */
export interface EliteSource {
  readonly scorer: Scorer;
  readonly classNames: readonly string[];
  /** `undefined` for gradient ascent, whose genomes are the images. */
  readonly encoding: Encoding | undefined;
  readonly seed: number;
  readonly batch: number;
  readonly pedigree: Pedigree;
}

const TOP = 5;

/** No side of an ancestor's picture is longer. */
const ANCESTOR_SIZE = 96;

/** The image of a genome. */
export function drawElite(genome: Uint8Array, encoding: Encoding | undefined, shape: ImageShape): Uint8Array {
  if (encoding === undefined) return genome;
  const planes = new Uint8Array(imageSize(shape));
  encoding.render([encoding.unpack(genome)], planes);
  return planes;
}

/** A picture of an elite for a grid; patterns are drawn at the size itself. */
export function elitePicture(
  genome: Uint8Array,
  encoding: Encoding | undefined,
  shape: ImageShape,
  size: number,
): Picture {
  const { channels, height, width } = shape;
  return thumbnail(drawElite(genome, encoding, shape), { channels, height, width }, size);
}

export async function viewElite(elite: Elite, label: number, source: EliteSource): Promise<EliteView> {
  const { scorer, classNames, encoding, seed, batch, pedigree } = source;
  const { channels, height, width } = scorer.shape;
  const shape: ImageShape = { channels, height, width };
  const planes = drawElite(elite.genome, encoding, shape);
  const scores = await scorer.predict({ ...shape, count: 1, data: planes });
  const row = scoresOf(scores, 0);
  const line = pedigree.line(elite.id, classNames);
  const genome: CppnGenome | undefined =
    encoding?.name === 'cppn' ? unpackCppn(elite.genome.slice(), channels) : undefined;
  return {
    classIndex: label,
    className: classNames[label]!,
    id: elite.id,
    confidence: row[label]!,
    picture: { ...shape, planes },
    top: topGuesses(row, classNames, TOP),
    ...(encoding === undefined ? {} : { genome: elite.genome.slice() }),
    ...(genome === undefined ? {} : { document: toCppnDocument(genome) }),
    lineage: encoding === undefined ? line : withPictures(line, { encoding, seed, batch }, pedigree, ANCESTOR_SIZE),
  };
}
