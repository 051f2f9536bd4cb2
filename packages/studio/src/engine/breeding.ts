/** @file Breeding by eye: children of chosen parents, with what a network sees in them. */

import {
  breed,
  type Classifier,
  type CppnDocument,
  type CppnGenome,
  cppnEncoding,
  cppnStructureOf,
  fromCppnDocument,
  GENTLE_CPPN_CHANGES,
  HumanEmitter,
  InputError,
  imageSize,
  Random,
  renderCppnInBands,
  scoresOf,
  toCppnDocument,
  unpackCppn,
} from '@pareidolia/core';
import { attentiveEncoding } from './attentive.ts';
import { requireDrawable, requireReadable } from './genome-limits.ts';
import { goalOf } from './goals.ts';
import { topGuesses } from './guesses.ts';
import type { Child, Parameters, Picture } from './protocol.ts';
import { thumbnailShape } from './thumbnail.ts';

const BREEDING_STREAM = 20;

/** Mutations of a genome that is made from nothing: by itself it is very plain, and as many show what there can be. */
const BEGINNING = 8;

/** Longest side of the images by which children are compared with their parents, in pixels. */
const SKETCH = 32;

/** Guesses that a child shows. */
const TOP = 3;

/**
 * A screen of children of the picked genomes; of random ones without a pick. Each depends on the seed and its place.
 *
 * @param pause lets other requests in, between two children
 * @throws InputError where a parent is no genome, or one that would take too long to draw so often
 */
export async function breedScreen(
  network: Classifier,
  { parents, count, change, seed, size, goal }: Omit<Parameters<'breed.screen'>, 'model'>,
  pause: () => Promise<void>,
): Promise<Child[]> {
  const towards = goalOf(network, goal);
  const { channels, height, width } = network.shape;
  const shape = { channels, height, width };
  const small = { ...shape, ...scaled(shape, size) };
  for (const parent of parents) {
    requireDrawable(parent, shape, { count, isWhole: true });
    requireDrawable(parent, small, { count });
  }
  const encoding = cppnEncoding(shape);
  // A CPPN has no pixels: few of them tell as well how far a child is from its parent.
  const sketch = cppnEncoding({ ...shape, ...scaled(shape, Math.min(SKETCH, Math.max(height, width))) });
  const emitter = new HumanEmitter({
    encoding: attentiveEncoding(sketch, pause),
    variation: cppnStructureOf(sketch),
    gentler: cppnStructureOf(sketch, GENTLE_CPPN_CHANGES),
    change,
    beginning: BEGINNING,
  });
  emitter.pick(parents);
  const random = Random.stream(seed, BREEDING_STREAM);
  const { candidates } = await emitter.ask({ count, generation: 1, random });
  const genomes: Uint8Array[] = [];
  const images = new Uint8Array(count * imageSize(shape));
  for (const [first, { genome }] of candidates.entries()) {
    const recipes = [{ parents: [], ...(genome === undefined ? {} : { genome }) }];
    const child = await breed(encoding, undefined, seed, { generation: 1, first, recipes });
    genomes.push(child.genomes[0]!);
    images.set(child.images, first * imageSize(shape));
    await pause();
  }
  const scores = await network.predict({ ...shape, count: genomes.length, data: images });
  const children: Child[] = [];
  for (const [row, genome] of genomes.entries()) {
    const own = scoresOf(scores, row);
    children.push({
      genome: genome.slice(),
      picture: await drawGenome(encoding.unpack(genome), small, pause),
      top: topGuesses(own, network.classNames, TOP),
      ...towards(images.subarray(row * imageSize(shape), (row + 1) * imageSize(shape)), own),
    });
  }
  return children;
}

/**
 * The picture of a packed genome at any size: a CPPN has no pixels.
 *
 * @throws InputError where it is no genome, or one that would take too long to draw
 */
export async function renderGenome(
  { genome, shape }: Parameters<'breed.render'>,
  pause: () => Promise<void>,
): Promise<Picture> {
  requireDrawable(genome, shape);
  return drawGenome(unpackCppn(genome.slice(), shape.channels), shape, pause);
}

async function drawGenome(
  genome: CppnGenome,
  shape: Parameters<'breed.render'>['shape'],
  pause: () => Promise<void>,
): Promise<Picture> {
  const planes = new Uint8Array(imageSize(shape));
  for (const _ of renderCppnInBands(genome, shape, planes)) await pause();
  return { ...shape, planes };
}

/** A packed genome as a document. */
export function documentOf({ genome, channels }: Parameters<'breed.document'>): CppnDocument {
  requireDrawable(genome);
  return toCppnDocument(unpackCppn(genome.slice(), channels));
}

/** Reads a genome from a document of either kind. */
export function readGenome(document: unknown): { readonly genome: Uint8Array; readonly channels: 1 | 3 } {
  const where = 'The genome in this file';
  const inside = genomeIn(document);
  if ((inside as { readonly format?: unknown } | null | undefined)?.format === 'pareidolia-palette') {
    throw new InputError(`${where} has a palette, and patterns that are bred have none; take one of the encoding cppn`);
  }
  requireReadable(inside, where);
  const genome = fromCppnDocument(inside, where);
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
