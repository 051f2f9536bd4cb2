/** @file Cuts a batch of images into parts, so that the memory that one call of a network takes stays in bounds. */

/**
 * Called between two parts of a batch, with the number of images that are done: to show progress, to let others in, or to
 * end the call, which rejects with whatever is thrown here. A batch that fits in one call has no such moment.
 */
export type BetweenParts = (done: number) => void | Promise<void>;

/** Images `from .. to` (exclusive) of a batch. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** Values of images that are made only to be scored, in one part: 4 MB in 8 bits, 16 MB in floating point. */
const MADE_VALUES = 4_000_000;

/**
 * Cuts a batch into the fewest parts, of nearly the same size: a rest of a few images would be slow for its size, and ONNX
 * Runtime multiplies small matrices by other kernels, which round differently.
 *
 * @param count images in the batch
 * @param most images in a part, at least 1
 */
export function* parts(count: number, most: number): Generator<Part> {
  const pieces = Math.ceil(count / most);
  for (let piece = 0; piece < pieces; piece++) {
    yield { from: Math.floor((piece * count) / pieces), to: Math.floor(((piece + 1) * count) / pieces) };
  }
}

/**
 * The parts in which images should be made where they are scored and then forgotten. A classifier cuts what it is given by
 * itself; this bounds the memory of the images.
 *
 * @param values that are made for each image of the batch
 */
export function partsByMemory(count: number, values: number): Generator<Part> {
  return parts(count, Math.max(1, Math.floor(MADE_VALUES / values)));
}
