/** @file Breeding by hand: a person chooses parents, the engine makes their children. */

import type { Classifier } from '../classifier/classifier.ts';
import { scoresOf } from '../classifier/scores.ts';
import { cppnEncoding } from '../encoding/cppn/cppn.ts';
import { fromCppnDocument } from '../encoding/cppn/document.ts';
import { type CppnGenome, unpackCppn } from '../encoding/cppn/genome.ts';
import { renderCppn } from '../encoding/cppn/render.ts';
import { imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { topGuesses } from './guesses.ts';
import type { Child, Parameters, Picture } from './protocol.ts';
import { thumbnailShape } from './thumbnail.ts';

const BREEDING_STREAM = 20;

const TOP = 3;

/**
 * A screen of children. Each depends on the seed, its place and its parent only; parents are taken in turn, and without any
 * the children are made from nothing. As in the paper there is no crossover.
 *
 * Made from nothing, a genome has no hidden node; some mutations on top show more of what there can be.
 */
export async function brood(network: Classifier, request: Omit<Parameters<'breed.brood'>, 'model'>): Promise<Child[]> {
  const { channels, height, width } = network.shape;
  const shape = { channels, height, width };
  const encoding = cppnEncoding(shape);
  const parents = request.parents.map((bytes) => unpackCppn(bytes.slice(), channels));
  const genomes = Array.from({ length: request.count }, (_, place): CppnGenome => {
    const random = Random.stream(request.seed, BREEDING_STREAM, place);
    let genome = parents.length === 0 ? encoding.random(random) : parents[place % parents.length]!;
    for (let i = 0; i < request.strength; i++) genome = encoding.mutate(genome, random, 1);
    return genome;
  });
  const images = new Uint8Array(genomes.length * imageSize(shape));
  encoding.render(genomes, images);
  const scores = await network.predict({ ...shape, count: genomes.length, data: images });
  return genomes.map((genome, row) => ({
    genome: genome.bytes.slice(),
    picture: drawGenome(genome, { ...shape, ...scaled(shape, request.size) }),
    top: topGuesses(scoresOf(scores, row), network.labels, TOP),
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
