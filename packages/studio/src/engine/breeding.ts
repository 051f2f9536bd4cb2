/** @file Breeding by eye: children of chosen parents, with what a network sees in them. */

import {
  breed,
  type Classifier,
  type CppnGenome,
  cppnEncoding,
  cppnStructureOf,
  fromCppnDocument,
  HumanEmitter,
  imageSize,
  Random,
  renderCppn,
  scoresOf,
} from '@pareidolia/core';
import { topGuesses } from './guesses.ts';
import type { Child, Parameters, Picture } from './protocol.ts';
import { thumbnailShape } from './thumbnail.ts';

const BREEDING_STREAM = 20;

/** Guesses that a child shows. */
const TOP = 3;

/** A screen of children of the picked genomes; of random ones without a pick. Each depends on the seed and its place. */
export async function breedScreen(
  network: Classifier,
  { parents, count, strength, seed, size }: Omit<Parameters<'breed.screen'>, 'model'>,
): Promise<Child[]> {
  const { channels, height, width } = network.shape;
  const shape = { channels, height, width };
  const encoding = cppnEncoding(shape);
  const emitter = new HumanEmitter({ encoding, variation: cppnStructureOf(encoding), strength });
  emitter.pick(parents);
  const random = Random.stream(seed, BREEDING_STREAM);
  const { candidates } = emitter.ask({ count, generation: 1, random });
  const recipes = candidates.map(({ genome }) => ({ parents: [], ...(genome === undefined ? {} : { genome }) }));
  const { genomes, images } = breed(encoding, undefined, seed, { generation: 1, first: 0, recipes });
  const scores = await network.predict({ ...shape, count: genomes.length, data: images });
  return genomes.map((genome, row) => ({
    genome: genome.slice(),
    picture: drawGenome(encoding.unpack(genome), { ...shape, ...scaled(shape, size) }),
    top: topGuesses(scoresOf(scores, row), network.classNames, TOP),
  }));
}

/** The image of a genome at any size: a CPPN has no pixels. */
export function drawGenome(genome: CppnGenome, shape: Parameters<'breed.render'>['shape']): Picture {
  const planes = new Uint8Array(imageSize(shape));
  renderCppn(genome, shape, planes);
  return { ...shape, planes };
}

/** Reads a genome from a document of either kind. */
export function readGenome(document: unknown): { readonly genome: Uint8Array; readonly channels: 1 | 3 } {
  const genome = fromCppnDocument(genomeIn(document), 'The genome in this file');
  return { genome: genome.bytes.slice(), channels: genome.outputs };
}

/** A genome by itself, or beside an image, where it is a field of what is said of that. */
function genomeIn(document: unknown): unknown {
  const inside = typeof document === 'object' && document !== null && 'genome' in document;
  return inside ? document.genome : document;
}

/** The longest side becomes `size`. */
function scaled(shape: Parameters<'breed.render'>['shape'], size: number) {
  const scale = size / Math.max(shape.height, shape.width);
  return thumbnailShape(
    {
      ...shape,
      height: Math.ceil(shape.height * Math.max(1, scale)),
      width: Math.ceil(shape.width * Math.max(1, scale)),
    },
    size,
  );
}
