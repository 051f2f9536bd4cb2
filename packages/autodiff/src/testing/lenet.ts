/** @file A network like LeNet, small enough to be mutated and differentiated by the hundred. */

import { GraphBuilder } from '../builder/builder.ts';
import type { Model } from '../model/model.ts';
import { sample } from './samples.ts';

/** Images `N x 1 x 8 x 8`, convolution, pool, two layers, softmax over five classes. */
export function tinyLenet(seed = 1): Model {
  const b = new GraphBuilder('tiny-lenet');
  b.input('images', 'float32', ['N', 1, 8, 8]);
  const weight = (name: string, dims: readonly number[], at: number): string =>
    b.initializer(name, { type: 'float32', ...sample(seed + at, dims, -0.5, 0.5) });
  const convolved = b.op('Conv', ['images', weight('conv.weight', [4, 1, 3, 3], 1), weight('conv.bias', [4], 2)], {
    pads: [1, 1, 1, 1],
  });
  const pooled = b.op('MaxPool', [b.op('Relu', [convolved])], { kernel_shape: [2, 2], strides: [2, 2] });
  const flat = b.op('Flatten', [pooled]);
  const hidden = b.op('Gemm', [flat, weight('hidden.weight', [6, 64], 3), weight('hidden.bias', [6], 4)], {
    transB: 1,
  });
  const logits = b.op(
    'Gemm',
    [b.op('Tanh', [hidden]), weight('out.weight', [5, 6], 5), weight('out.bias', [5], 6)],
    { transB: 1 },
    'logits',
  );
  b.output(b.op('Softmax', [logits], { axis: 1 }, 'probabilities'));
  return b.build();
}
