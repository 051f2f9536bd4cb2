/** @file Whether a graph by itself shows that it makes images of random numbers. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';

/** Shorter sides are rather kernels or scores than images. */
const LEAST_SIDE = 4;

/**
 * Evidence that a graph is a generator: one input of float32, a row of numbers (`N x L`, perhaps with axes of length 1 behind), and
 * one output of four axes, images in grey or color (`N x C x H x W` or `N x H x W x C`). No classifier of images is like that.
 * A generator whose images are rows of values (`N x HW`) cannot be told from a classifier of rows; its card has to say so.
 *
 * @returns a phrase such as `its input is a row of 64 numbers, and its output has the shape [N, 1, 28, 28]`; `undefined` where the
 *   graph does not show it, or its shapes cannot be inferred
 */
export function makesImages(model: Model): string | undefined {
  const { inputs, outputs } = model.graph;
  const [input, output] = [inputs[0], outputs[0]];
  if (input === undefined || output === undefined || inputs.length > 1 || outputs.length > 1) return undefined;
  if (input.type !== 'float32' || input.shape === undefined || input.shape.length < 2) return undefined;
  const lengths = input.shape.slice(1).filter((length) => length !== 1);
  if (lengths.length !== 1) return undefined;
  const shape = shapeOf(model, output.name);
  if (shape?.length !== 4) return undefined;
  const [, first, second, last] = shape;
  const isImage = (channels: unknown, ...sides: readonly unknown[]): boolean =>
    (channels === 1 || channels === 3) && sides.every((side) => typeof side !== 'number' || side >= LEAST_SIDE);
  if (!isImage(first, second, last) && !isImage(last, first, second)) return undefined;
  const count = typeof lengths[0] === 'number' ? `a row of ${lengths[0]} numbers` : 'a row of numbers';
  return `its input is ${count}, and its output has the shape [${shape.join(', ')}]`;
}

function shapeOf(model: Model, output: string): readonly (number | string | undefined)[] | undefined {
  try {
    return GraphBuilder.from(model).shape(output);
  } catch {
    return undefined;
  }
}
