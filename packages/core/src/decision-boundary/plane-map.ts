/** @file What a network decides on the plane through three images. */

import type { Classifier } from '../classifier/classifier.ts';
import { partsByMemory } from '../classifier/parts.ts';
import { argmax, scoresOf } from '../classifier/scores.ts';
import { InputError } from '../errors.ts';
import { imageSize, toBytes } from '../image/images.ts';
import type { Decisions } from './decide.ts';
import { imageAt, planeThrough } from './plane.ts';

/** Decisions on a square grid, row by row, from the lower end of both axes. */
export type DecisionField = Decisions & {
  /** Cells on a side. */
  readonly grid: number;
  /** Both axes reach from the first to the second of these. */
  readonly ends: readonly [number, number];
};

/** What a network decides on the plane through three images. */
export interface PlaneMap {
  /** In the units of the plane: the second image is 1 away from the first. */
  readonly field: DecisionField;
  /** Where the three images lie: (0, 0), (1, 0) and (along, 1). */
  readonly places: readonly { readonly x: number; readonly y: number }[];
}

/** A grid with its surroundings. */
export interface PlaneMapOptions {
  /** Cells on a side. */
  readonly grid: number;
  /** How far the map reaches beyond the three images, in shares of the distance of the first two. */
  readonly margin: number;
  /** Awaited between two calls of the network; rejects to stop. */
  readonly pause?: () => Promise<void>;
}

/**
 * Classifies the image in the middle of each cell of a plane through three images, clipped to [0, 1] and rounded to 8 bits, as
 * a file would hold it.
 *
 * @param images `C x H x W` of the network's shape, 8 bits
 * @throws InputError where one has another size, or where all three lie on one line
 */
export async function mapPlane(
  network: Pick<Classifier, 'shape' | 'predict' | 'where'>,
  images: readonly [Uint8Array, Uint8Array, Uint8Array],
  { grid, margin, pause }: PlaneMapOptions,
): Promise<PlaneMap> {
  const { shape } = network;
  const size = imageSize(shape);
  const stranger = images.find((image) => image.length !== size);
  if (stranger !== undefined) {
    throw new InputError(
      `An image has ${stranger.length} values, ${network.where} takes ${size}; choose one of its size`,
    );
  }
  const basis = planeThrough(...images);
  const [low, high] = [-margin, 1 + margin];
  const at = (place: number): number => low + ((place + 0.5) * (high - low)) / grid;
  const decisions = new Uint16Array(grid * grid);
  const confidences = new Float32Array(grid * grid);
  for (const { from, to } of partsByMemory(grid * grid, size)) {
    await pause?.();
    const count = to - from;
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const cell = from + row;
      imageAt(basis, at(cell % grid), at(Math.floor(cell / grid)), data.subarray(row * size, (row + 1) * size));
    }
    const scores = await network.predict(toBytes({ ...shape, count, data }), pause);
    for (let row = 0; row < count; row++) {
      const own = scoresOf(scores, row);
      decisions[from + row] = argmax(own);
      confidences[from + row] = own[decisions[from + row]!]!;
    }
  }
  const places = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: basis.along, y: 1 },
  ];
  return { field: { grid, ends: [low, high], decisions, confidences }, places };
}
