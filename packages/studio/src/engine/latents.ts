/** @file Latents of a generator under the eyes of a network: single ones, screens of children, and maps. */

import {
  argmax,
  type Classifier,
  type Decisions,
  HumanEmitter,
  InputError,
  imageSize,
  type LatentEncoding,
  Random,
  scoresOf,
  vectorMutationOf,
} from '@pareidolia/core';
import { attentiveEncoding } from './attentive.ts';
import { goalOf } from './goals.ts';
import { topGuesses } from './guesses.ts';
import type { Child, Parameters, StudioGenerator } from './protocol.ts';

const BREEDING_STREAM = 21;

/** Guesses that an image shows. */
const TOP = 3;

/** Settings of the mutation of latents whose image a usual one changes too much: ten times smaller steps. */
const GENTLER = { eta: 165 } as const;

/** Images between two moments in which other requests are let in. */
const AT_ONCE = 8;

/**
 * A screen of children of the picked latents, by the encoding's own variation; of random ones without a pick, which are not varied,
 * since a random latent shows all that the generator has.
 *
 * @param pause lets other requests in, between two images
 * @throws InputError where a parent is no latent of this generator
 */
export async function breedLatents(
  network: Classifier,
  encoding: LatentEncoding,
  { parents, count, change, seed, goal }: Omit<Parameters<'latents.screen'>, 'model' | 'generator'>,
  pause: () => Promise<void>,
): Promise<Child[]> {
  const random = Random.stream(seed, BREEDING_STREAM);
  if (parents.length === 0) {
    const latents = Array.from({ length: count }, (_, place) =>
      encoding.random(Random.stream(seed, BREEDING_STREAM, place)),
    );
    return lookAt(network, encoding, latents, pause, goal);
  }
  const emitter = new HumanEmitter({
    encoding: attentiveEncoding(encoding, pause),
    variation: vectorMutationOf(encoding),
    gentler: vectorMutationOf(encoding, GENTLER),
    change,
  });
  emitter.pick(parents);
  const { candidates } = await emitter.ask({ count, generation: 1, random });
  return lookAt(
    network,
    encoding,
    candidates.map(({ genome }) => encoding.unpack(genome!)),
    pause,
    goal,
  );
}

/**
 * Latents as they look, with what a network sees in each.
 *
 * @param latents packed, one after the other
 * @throws InputError where these are no latents of this generator
 */
export function lookAtLatents(
  network: Classifier,
  encoding: LatentEncoding,
  latents: Uint8Array,
  pause: () => Promise<void>,
): Promise<Child[]> {
  return lookAt(network, encoding, unpackAll(encoding, latents), pause);
}

/**
 * What a network decides on the 8-bit image of each latent, and how certainly.
 *
 * @param latents packed, one after the other
 * @throws InputError where these are no latents of this generator
 */
export async function decideLatents(
  network: Classifier,
  encoding: LatentEncoding,
  latents: Uint8Array,
  pause: () => Promise<void>,
): Promise<Decisions> {
  const all = unpackAll(encoding, latents);
  const scores = await network.predict(await render(encoding, all, pause));
  const decisions = new Uint16Array(all.length);
  const confidences = new Float32Array(all.length);
  for (let row = 0; row < all.length; row++) {
    const own = scoresOf(scores, row);
    decisions[row] = argmax(own);
    confidences[row] = own[decisions[row]!]!;
  }
  return { decisions, confidences };
}

/**
 * A latent in a file: a document that was saved here, or the plain list of numbers that a search writes, by itself or as the field
 * `genome`.
 *
 * @returns it, packed
 * @throws InputError where it is none, or one of another generator
 */
export function readLatent(
  document: unknown,
  encoding: LatentEncoding,
  { name, sha256, byClass }: StudioGenerator,
): Uint8Array {
  const fields = (typeof document === 'object' && document !== null ? document : {}) as {
    readonly latent?: unknown;
    readonly genome?: unknown;
    readonly generator?: { readonly name?: unknown; readonly sha256?: unknown; readonly class?: unknown };
  };
  const other = fields.generator?.sha256;
  if (typeof other === 'string' && other !== '' && sha256 !== '' && other !== sha256) {
    throw new InputError(
      `The latent in this file belongs to another generator (${String(fields.generator?.name)}), not to ${name}; choose that one`,
    );
  }
  const made = fields.generator?.class;
  if (typeof made === 'string' && byClass !== undefined && made !== byClass.chosen) {
    throw new InputError(
      `The latent in this file is of the class ${made}, and ${name} makes images of ${byClass.chosen} now; choose that class first`,
    );
  }
  const values = Array.isArray(document) ? document : (fields.latent ?? fields.genome);
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number' && Number.isFinite(value))) {
    throw new InputError(
      `The file holds no latent of a generator; choose one that was saved here, or a JSON list of ${encoding.dimension} numbers`,
    );
  }
  if (values.length !== encoding.dimension) {
    throw new InputError(
      `The latent in this file has ${values.length} numbers, those of ${name} have ${encoding.dimension}; choose the generator that it belongs to`,
    );
  }
  return encoding.pack(Float32Array.from(values));
}

function unpackAll(encoding: LatentEncoding, latents: Uint8Array): Float32Array[] {
  const size = 4 * encoding.dimension;
  const count = latents.length / size;
  if (!Number.isInteger(count)) {
    throw new InputError(
      `${latents.length} bytes are no whole number of latents of ${encoding.dimension} numbers; take those of this generator`,
    );
  }
  return Array.from({ length: count }, (_, row) => encoding.unpack(latents.slice(row * size, (row + 1) * size)));
}

async function render(encoding: LatentEncoding, latents: readonly Float32Array[], pause: () => Promise<void>) {
  const { channels, height, width } = encoding.shape;
  const size = imageSize(encoding.shape);
  const data = new Uint8Array(latents.length * size);
  for (let from = 0; from < latents.length; from += AT_ONCE) {
    if (from > 0) await pause();
    const some = latents.slice(from, from + AT_ONCE);
    await encoding.render(some, data.subarray(from * size, (from + some.length) * size));
  }
  return { channels, height, width, count: latents.length, data };
}

async function lookAt(
  network: Classifier,
  encoding: LatentEncoding,
  latents: readonly Float32Array[],
  pause: () => Promise<void>,
  goal?: number,
): Promise<Child[]> {
  const towards = goalOf(network, goal);
  const images = await render(encoding, latents, pause);
  const scores = await network.predict(images);
  const { channels, height, width } = images;
  const size = imageSize(images);
  return latents.map((latent, row) => {
    const [planes, own] = [images.data.slice(row * size, (row + 1) * size), scoresOf(scores, row)];
    return {
      genome: encoding.pack(latent).slice(),
      picture: { channels, height, width, planes },
      top: topGuesses(own, network.classNames, TOP),
      ...towards(planes, own),
    };
  });
}
