import {
  type Classifier,
  type CppnGenome,
  cppnEncoding,
  type Encoding,
  fromCppnDocument,
  imageSize,
  Random,
  renderCppn,
  scoresOf,
  unpackCppn,
} from '@pareidolia/core';
import { topGuesses } from './guesses.ts';
import type { Child, Parameters, Picture } from './protocol.ts';
import { thumbnailShape } from './thumbnail.ts';

const BREEDING_STREAM = 20;

const TOP = 3;

/**
 * A screen of children. Each depends on the seed, its place and its parent only; parents are taken in turn, and without any
 * the children are made from nothing. As in the paper there is no crossover.
 *
 * Made from nothing, a genome has no hidden node; some mutations on top show more of what there can be. Mutation often
 * leaves a plain surface, with which nobody goes on: such a child is drawn again.
 */
export async function brood(network: Classifier, request: Omit<Parameters<'breed.brood'>, 'model'>): Promise<Child[]> {
  const { channels, height, width } = network.shape;
  const shape = { channels, height, width };
  const encoding = cppnEncoding(shape);
  const parents = request.parents.map((bytes) => unpackCppn(bytes.slice(), channels));
  const children = Array.from({ length: request.count }, (_, place) => {
    const random = Random.stream(request.seed, BREEDING_STREAM, place);
    const parent = parents[place % Math.max(1, parents.length)];
    return drawChild(encoding, parent, request.strength, random);
  });
  const genomes = children.map(({ genome }) => genome);
  const images = new Uint8Array(genomes.length * imageSize(shape));
  children.forEach(({ image }, place) => {
    images.set(image, place * imageSize(shape));
  });
  const scores = await network.predict({ ...shape, count: genomes.length, data: images });
  return genomes.map((genome, row) => ({
    genome: genome.bytes.slice(),
    picture: drawGenome(genome, { ...shape, ...scaled(shape, request.size) }),
    top: topGuesses(scoresOf(scores, row), network.classNames, TOP),
  }));
}

/** A picture whose levels are all this near to each other has nothing to see in it. */
const FLAT = 24;

/** How often a child is drawn again that has nothing to see in it; what comes last is taken as it is. */
const ATTEMPTS = 12;

function drawChild(
  encoding: Encoding<CppnGenome>,
  parent: CppnGenome | undefined,
  strength: number,
  random: Random,
): { readonly genome: CppnGenome; readonly image: Uint8Array } {
  const image = new Uint8Array(imageSize(encoding.shape));
  for (let attempt = 1; ; attempt++) {
    let genome = parent ?? encoding.random(random);
    for (let i = 0; i < strength; i++) genome = encoding.mutate(genome, random, 1);
    encoding.render([genome], image);
    let [low, high] = [255, 0];
    for (const level of image) {
      if (level < low) low = level;
      if (level > high) high = level;
    }
    if (high - low > FLAT || attempt === ATTEMPTS) return { genome, image };
  }
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
