/** @file A small generator for tests: two layers, from a few latents to grey images. */

import { GraphBuilder, tensor, writeModel } from '@pareidolia/autodiff';
import { Random } from '../random/random.ts';

/**
 * `N x dimension` latents to `N x 1 x side x side` images between -1 and 1, by random weights and a tanh after each of two layers.
 *
 * @returns a serialized model
 */
export function smallGenerator(dimension: number, side: number, seed = 1): Uint8Array {
  const random = Random.stream(seed);
  const b = new GraphBuilder('generator');
  const weights = (rows: number, columns: number): string =>
    b.constant(
      tensor(
        'float32',
        [rows, columns],
        Float32Array.from({ length: rows * columns }, () => random.normal() / Math.sqrt(rows)),
      ),
    );
  const hidden = b.op('Tanh', [b.op('MatMul', [b.input('z', 'float32', ['N', dimension]), weights(dimension, 16)])]);
  const pixels = b.op('Tanh', [b.op('MatMul', [hidden, weights(16, side * side)])]);
  b.op('Reshape', [pixels, b.ints([-1, 1, side, side])], {}, 'image');
  b.output('image');
  return writeModel(b.build());
}
