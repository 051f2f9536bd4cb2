/** @file Gradients of maxima and minima: of several inputs, and along axes. */

import { reduceToInput } from './broadcasting.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** Inputs that share the extremum share the cotangent equally, as in torch.max(a, b). */
const ofInputs: GradientRule = ({ b, node, g, wants }) => {
  const y = node.outputs[0]!;
  if (node.inputs.length === 1) return [g];
  const holds = node.inputs.map((input) => b.op('Cast', [b.op('Equal', [input, y])], { to: 1 }));
  const share = b.op('Div', [g, b.op('Sum', holds)]);
  return node.inputs.map((_, index) =>
    wants(index) ? reduceToInput(b, b.op('Mul', [share, holds[index]!]), node, index) : undefined,
  );
};

/** An index beyond all others; float32 represents integers exactly up to here. */
const NOWHERE = 2 ** 24;

/**
 * A mask of the first element that equals the extremum, in row-major order over the reduced axes, as in PyTorch.
 *
 * @param extremum the reduced value, with the reduced axes kept as axes of length 1
 */
export function firstHolder(context: GradientContext, axes: readonly number[], extremum: string): string {
  const { b, node, unsupported } = context;
  const x = node.inputs[0]!;
  const lengths = b.shape(x).map((dim, axis): number => {
    if (!axes.includes(axis)) return 1;
    return typeof dim === 'number' ? dim : unsupported('its axis is open');
  });
  const count = lengths.reduce((product, length) => product * length, 1);
  if (count >= NOWHERE) unsupported(`it looks through ${count} values`);
  const places = b.constant({
    type: 'float32',
    dims: lengths,
    data: Float32Array.from({ length: count }, (_, at) => at),
  });
  const held = b.op('Where', [b.op('Equal', [x, extremum]), places, b.scalar(NOWHERE)]);
  const first = b.op('ReduceMin', [held, b.ints(axes)], { keepdims: 1 });
  return b.op('Cast', [b.op('Equal', [held, first])], { to: 1 });
}

export const EXTREMA: Readonly<Record<string, GradientRule>> = { Max: ofInputs, Min: ofInputs };
