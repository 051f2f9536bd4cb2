/** @file A linear network as a file, for tests: how far each image is from another decision has a closed form. */

import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { type Images, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';

const SIDE = 8;
const SIZE = SIDE * SIDE;
/** What the first logit weighs each pixel with; signs in stripes of two. */
const SIGNS = Float32Array.from({ length: SIZE }, (_, i) => (i % 4 < 2 ? 1 : -1));

/**
 * Grey 8 x 8 images; the first logit is `scale * sum_i s_i (x_i - 128/255)` with s_i = 1 or -1, the second its negative, the others
 * are far below. The margin is twice the first, so an image is `|sum_i s_i (x_i - 128/255)| / 64` from the other decision in
 * Linf, and 8 times that in L2.
 *
 * @param steps pixels are rounded to so many steps of equal height first, as a defence does that masks gradients
 */
export async function linearNetwork(classes = 2, scale = 1, steps?: number): Promise<OnnxClassifier> {
  const b = new GraphBuilder();
  const exact = b.op('Flatten', [b.input('image', 'float32', ['N', 1, SIDE, SIDE])], { axis: 1 });
  const rows =
    steps === undefined
      ? exact
      : b.op('Div', [b.op('Round', [b.op('Mul', [exact, b.scalar(steps)])]), b.scalar(steps)]);
  const centred = b.op('Sub', [rows, b.scalar(Math.fround(128 / 255))]);
  const weights = new Float32Array(SIZE * classes);
  SIGNS.forEach((sign, i) => {
    weights[i * classes] = scale * sign;
    weights[i * classes + 1] = -scale * sign;
  });
  const product = b.op('MatMul', [centred, b.constant({ type: 'float32', dims: [SIZE, classes], data: weights })]);
  const bias = Float32Array.from({ length: classes }, (_, k) => (k < 2 ? 0 : -200 * scale));
  b.output(b.op('Add', [product, b.constant({ type: 'float32', dims: [classes], data: bias })], {}, 'logits'));
  return OnnxClassifier.load(writeModel(b.build()), {
    card: parseCard({ output: 'logits' }),
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: 'linear.onnx',
  });
}

/** Images that are so far from the other decision of {@link linearNetwork}, in Linf; negative ones belong to the second class. */
export function imagesAt(distances: readonly number[]): Images & { readonly labels: Int32Array } {
  const data = new Uint8Array(distances.length * SIZE);
  distances.forEach((distance, image) => {
    SIGNS.forEach((sign, i) => {
      data[image * SIZE + i] = 128 + sign * Math.round(255 * distance);
    });
  });
  return {
    channels: 1,
    height: SIDE,
    width: SIDE,
    count: distances.length,
    data,
    labels: Int32Array.from(distances, (distance) => Number(distance < 0)),
  };
}
