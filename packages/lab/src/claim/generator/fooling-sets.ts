/** @file Images that fool a network, made in several ways: evolved and ascended, as pixels, as CPPNs and through a generator. */

import {
  attackImages,
  attackNamed,
  type Dataset,
  type EncodingResources,
  type Generator,
  type Images,
  imageSize,
  type OnnxClassifier,
  openSearch,
  resolveSearch,
  searchEncoding,
  selectImages,
  toBytes,
} from '@pareidolia/core';
import { balancedPart } from '../../workbench/balanced-subset.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';

const WORK = {
  tiny: { seeds: 1, generations: 15, batch: 40, steps: 30, starts: 1, attacked: 1 },
  small: { seeds: 6, generations: 150, batch: 100, steps: 200, starts: 2, attacked: 6 },
  paper: { seeds: 20, generations: 400, batch: 200, steps: 500, starts: 4, attacked: 20 },
} as const;

/** An image counts as one that fools from this confidence on. */
export const FOOLS = 0.99;

/** How images are made. */
export interface FoolingKind {
  /** `evolved CPPNs`. */
  readonly name: string;
  readonly encoding: 'cppn' | 'direct' | 'pixels' | 'latent';
  readonly emitter: 'mutation' | 'gradient-ascent';
}

/** All that search for every class. */
export const KINDS: readonly FoolingKind[] = [
  { name: 'evolved CPPNs', encoding: 'cppn', emitter: 'mutation' },
  { name: 'evolved pixels', encoding: 'direct', emitter: 'mutation' },
  { name: 'ascended pixels', encoding: 'pixels', emitter: 'gradient-ascent' },
  { name: 'evolved latents', encoding: 'latent', emitter: 'mutation' },
  { name: 'ascended latents', encoding: 'latent', emitter: 'gradient-ascent' },
];

/** Images of which the network is certain, with what they were made for. */
export interface FoolingSet {
  readonly name: string;
  /** Images in all that were made, certain or not. */
  readonly made: number;
  readonly images: Images;
  readonly madeFor: readonly number[];
  readonly confidences: readonly number[];
}

/** The images of one search: plain data. */
type Found = { readonly confidences: readonly number[]; readonly images: Uint8Array };

/** Makes images of a kind for all classes, once for each seed, and keeps those that fool. */
export async function foolingSet(
  bench: Workbench,
  network: OnnxClassifier,
  generator: Generator,
  kind: FoolingKind,
  onSeed: (share: number) => void,
): Promise<FoolingSet> {
  const work = atBudget(bench, WORK);
  const classes = network.classNames.map((_, label) => label);
  const confidences: number[] = [];
  const parts: Uint8Array[] = [];
  for (let seed = 1; seed <= work.seeds; seed++) {
    onSeed((seed - 1) / work.seeds);
    const found = await bench.unit(`${network.where}/${kind.emitter}/${kind.encoding}-${seed}`, () =>
      searchImages(bench, network, generator, kind, seed),
    );
    confidences.push(...found.confidences);
    parts.push(found.images);
  }
  const { channels, height, width } = network.shape;
  const size = imageSize(network.shape);
  const data = new Uint8Array(confidences.length * size);
  parts.forEach((part, at) => {
    data.set(part, at * classes.length * size);
  });
  return keep(
    kind.name,
    { channels, height, width, count: confidences.length, data },
    confidences,
    (place) => place % classes.length,
  );
}

async function searchImages(
  bench: Workbench,
  network: OnnxClassifier,
  generator: Generator,
  { encoding, emitter }: FoolingKind,
  seed: number,
): Promise<Found> {
  const work = atBudget(bench, WORK);
  const { shape } = network;
  const resources: EncodingResources =
    encoding === 'latent' ? { decoder: generator.decoder(shape), runtime: bench.runtime } : {};
  const length =
    emitter === 'mutation'
      ? { generations: work.generations, batch: work.batch }
      : { generations: work.steps, settings: { starts: work.starts } };
  const spec = resolveSearch({ encoding, emitter, ...length }, shape, undefined, resources);
  const classIndices = network.classNames.map((_, label) => label);
  const search = openSearch(spec, { scorer: network, classIndices, seed, resources });
  const drawn = searchEncoding(spec, shape, resources);
  try {
    while (!search.isDone) {
      await bench.pause();
      await search.scheduler.step();
    }
    const size = imageSize(shape);
    const images = new Uint8Array(classIndices.length * size);
    const { elites } = search.scheduler.archive;
    for (const [cell, elite] of elites.entries()) {
      if (elite === undefined) continue;
      await drawn.render([drawn.unpack(elite.genome)], images.subarray(cell * size, (cell + 1) * size));
    }
    return { confidences: elites.map((elite) => elite?.confidence ?? 0), images };
  } finally {
    await drawn.dispose?.();
    await search.dispose();
  }
}

/** Adversarial examples of real images: those nearest to them that DeepFool finds, as 8-bit images. */
export async function adversarialSet(bench: Workbench, network: OnnxClassifier, test: Dataset): Promise<FoolingSet> {
  const { attacked } = atBudget(bench, WORK);
  const classes = test.classNames.map((_, label) => label);
  const part = balancedPart(test, { classes, each: attacked, seed: 1 });
  const found = await bench.unit(`${network.where}/adversarial`, async () => {
    const results = await attackImages(network, attackNamed('deepfool'), part.images, part.labels, {
      seed: 1,
      batch: 50,
      quantize: true,
    });
    await bench.pause();
    const there = results.filter(({ image, initiallyWrong }) => image !== undefined && !initiallyWrong);
    const size = imageSize(network.shape);
    const images = new Uint8Array(there.length * size);
    const { channels, height, width } = network.shape;
    there.forEach(({ image }, row) => {
      images.set(toBytes({ channels, height, width, count: 1, data: image! }).data, row * size);
    });
    return { images, madeFor: there.map(({ decision }) => decision ?? 0) };
  });
  const { channels, height, width } = network.shape;
  const count = found.madeFor.length;
  const images = { channels, height, width, count, data: found.images };
  const { data, numClasses } = await network.predict(images);
  const confidences = found.madeFor.map((label, row) => data[row * numClasses + label]!);
  // They lie at the boundary of two classes, so none is left out for its confidence.
  return { name: 'adversarial examples', made: count, images, madeFor: found.madeFor, confidences };
}

function keep(
  name: string,
  images: Images,
  confidences: readonly number[],
  classOf: (place: number) => number,
): FoolingSet {
  const places = confidences.flatMap((confidence, place) => (confidence >= FOOLS ? [place] : []));
  return {
    name,
    made: confidences.length,
    images: selectImages(images, places),
    madeFor: places.map(classOf),
    confidences: places.map((place) => confidences[place]!),
  };
}
