/** @file Random inputs, on which a gradient is checked. */

import type { Dim, ValueInfo } from '@pareidolia/autodiff';
import { InputError, type ModelCard, type Random, type Tensor } from '@pareidolia/core';

/** The length that is taken for an open axis, where the card does not give it. */
const OPEN_LENGTH = 32;

/** Images in a check where the model leaves their number open: two, so that they could be mixed up. */
const IMAGES = 2;

/** How many images a network takes in one call of the check. */
export function imagesOf(input: ValueInfo): number {
  const batch = input.shape?.[0];
  return typeof batch === 'number' ? batch : IMAGES;
}

/**
 * Random values for an input: noise in the card's range, less its mean and over its deviation; zeros for whole numbers.
 *
 * @param images how long a first axis is that is open
 * @throws InputError where the input is of a type that has no random values here
 */
export function randomInput(input: ValueInfo, images: number, card: ModelCard, random: Random): Tensor {
  const dims = (input.shape ?? []).map((dim, axis) => (axis === 0 ? known(dim, images) : known(dim, open(axis))));
  const length = dims.reduce((product, dim) => product * dim, 1);
  switch (input.type) {
    case 'float32':
      return { type: 'float32', data: noise(dims, length, card, random), dims };
    case 'int64':
      return { type: 'int64', data: new BigInt64Array(length), dims };
    case 'int32':
      return { type: 'int32', data: new Int32Array(length), dims };
    case 'uint8':
    case 'bool':
      return { type: input.type, data: new Uint8Array(length), dims };
    default:
      throw new InputError(`Input ${input.name} is of ${input.type}; export the network with a float32 input`);
  }

  function open(axis: number): number {
    const rows = input.shape?.length === 4 ? axis - (card.layout === 'NHWC' ? 1 : 2) : -1;
    return (rows === 0 ? card.height : rows === 1 ? card.width : undefined) ?? OPEN_LENGTH;
  }
}

/** Whole numbers from 0 to below `bound`, for each image. */
export function randomClasses(images: number, bound: number, random: Random): number[] {
  return Array.from({ length: images }, () => random.integer(bound));
}

function known(dim: Dim, otherwise: number): number {
  return typeof dim === 'number' ? dim : otherwise;
}

function noise(dims: readonly number[], length: number, card: ModelCard, random: Random): Float32Array<ArrayBuffer> {
  const [low, high] = card.range;
  const data = Float32Array.from({ length }, () => low + (high - low) * random.uniform());
  if (dims.length !== 4) return data;
  const axis = card.layout === 'NHWC' || (card.layout === undefined && dims[1]! > 3 && dims[3]! <= 3) ? 3 : 1;
  const stride = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const [means, deviations] = [[card.mean].flat(), [card.deviation].flat()];
  return data.map((value, at) => {
    const channel = Math.floor(at / stride) % dims[axis]!;
    return (value - of(means, channel)) / of(deviations, channel);
  });
}

function of(values: readonly number[], channel: number): number {
  return values[channel] ?? values[0]!;
}
