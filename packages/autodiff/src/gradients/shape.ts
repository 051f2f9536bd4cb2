/** @file Gradients of operators that move or repeat elements without changing them. */

import type { GraphBuilder } from '../builder/builder.ts';
import { type Length, lengthsOf, reshapeTo } from '../builder/reshaping.ts';
import { typeCode } from '../model/tensor.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../operators/attributes.ts';
import { reduceTo } from './broadcasting.ts';
import type { GradientRule } from './types.ts';

/** Reshapes to the shape of the input. */
const reshaped: GradientRule = ({ b, node, g }) => [reshapeTo(b, g, lengthsOf(b, node.inputs[0]!))];

const transpose: GradientRule = ({ b, node, g }) => {
  const rank = b.shape(node.inputs[0]!).length;
  const order = intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse = new Array<number>(rank);
  order.forEach((from, to) => {
    inverse[from] = to;
  });
  return [b.op('Transpose', [g], { perm: inverse })];
};

/** The sum over the copies. */
const expand: GradientRule = ({ b, node, g }) => {
  const x = node.inputs[0]!;
  return [reduceTo(b, g, b.shape(node.outputs[0]!), b.shape(x), x)];
};

const tile: GradientRule = ({ b, node, g }) => {
  const [x, repeats] = [node.inputs[0]!, node.inputs[1]!];
  const lengths = lengthsOf(b, x);
  const known = b.valueOf(repeats);
  if (known !== undefined) {
    // Split each repeated axis into two, the first of which is over the copies.
    const counts = Array.from(known.data as ArrayLike<number | bigint>, Number);
    const apart = counts.flatMap((count, axis): Length[] => (count === 1 ? [lengths[axis]!] : [count, lengths[axis]!]));
    const copies: number[] = [];
    let at = 0;
    for (const count of counts) {
      if (count !== 1) copies.push(at++);
      at++;
    }
    if (copies.length === 0) return [g];
    return [b.op('ReduceSum', [reshapeTo(b, g, apart), b.ints(copies)], { keepdims: 0 })];
  }
  const column = (vector: string): string => b.op('Unsqueeze', [vector, b.ints([1])]);
  const pairs = b.op('Concat', [column(repeats), column(b.op('Shape', [x]))], { axis: 1 });
  const apart = b.op('Reshape', [g, b.op('Reshape', [pairs, b.ints([2 * lengths.length])])]);
  const even = b.ints(lengths.map((_, axis) => 2 * axis));
  return [b.op('ReduceSum', [apart, even], { keepdims: 0 })];
};

/** The inverse permutation of pixels. */
const depthToSpace: GradientRule = ({ b, node, g }) => {
  const side = intAttribute(node, 'blocksize', 1);
  if (stringAttribute(node, 'mode', 'DCR') === 'DCR') return [b.op('SpaceToDepth', [g], { blocksize: side })];
  // CRD mode: channels come before the position in the block, while SpaceToDepth puts the position first.
  const places = b.op('SpaceToDepth', [g], { blocksize: side });
  const [batch, channels, height, width] = lengthsOf(b, node.inputs[0]!) as [Length, Length, Length, Length];
  const apart = reshapeTo(b, places, [batch, side * side, Number(channels) / (side * side), height, width]);
  const swapped = b.op('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
  return [reshapeTo(b, swapped, [batch, channels, height, width])];
};

const castBack = (b: GraphBuilder, g: string, like: string): string =>
  b.op('Cast', [g], { to: typeCode(b.typeOf(like).type) });

const cast: GradientRule = ({ b, node, g }) => [castBack(b, g, node.inputs[0]!)];

/** The same triangle of the cotangent. */
const trilu: GradientRule = ({ b, node, g }) => [
  b.op('Trilu', [g, ...node.inputs.slice(1)], { upper: intAttribute(node, 'upper', 1) }),
];

/** It is its own inverse. */
const reverseSequence: GradientRule = ({ b, node, g }) => {
  const axes = { batch_axis: intAttribute(node, 'batch_axis', 1), time_axis: intAttribute(node, 'time_axis', 0) };
  return [b.op('ReverseSequence', [g, node.inputs[1]!], axes)];
};

/** At inference it passes its input on. */
const dropout: GradientRule = ({ b, node, g, unsupported }) => {
  const training = node.inputs[2] ?? '';
  if (training !== '' && b.valueOf(training)?.data[0] !== 0) unsupported('it may be in training mode');
  return [g];
};

export const SHAPE: Readonly<Record<string, GradientRule>> = {
  Cast: cast,
  CastLike: cast,
  DepthToSpace: depthToSpace,
  Dropout: dropout,
  Expand: expand,
  Flatten: reshaped,
  Identity: ({ g }) => [g],
  Reshape: reshaped,
  ReverseSequence: reverseSequence,
  SpaceToDepth: ({ b, node, g }) => [b.op('DepthToSpace', [g], { blocksize: intAttribute(node, 'blocksize', 1) })],
  Squeeze: reshaped,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: reshaped,
};
