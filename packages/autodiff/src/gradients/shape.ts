/** @file Gradients of operators that move elements without changing them. */

import { intAttribute, intsAttribute, type Node } from '../graph/model.ts';
import type { TensorValue } from '../graph/tensor.ts';
import { normalAxis } from '../shapes/dims.ts';
import { shapeOf } from './broadcasting.ts';
import type { GradientRule } from './types.ts';

/** Back to the shape that the input had. */
const reshaped: GradientRule = ({ b, node, g }) => {
  const input = node.inputs[0]!;
  const shape = b.shape(input);
  const open = shape.filter((dim) => typeof dim !== 'number').length;
  // An open axis in its old place is copied (0), so that its name lives on in ONNX Runtime's own shapes.
  const from = b.shape(node.outputs[0]!);
  const target =
    open > 1
      ? shapeOf(b, input)
      : b.ints(shape.map((dim, axis) => (typeof dim === 'number' ? dim : dim !== '?' && dim === from[axis] ? 0 : -1)));
  return [b.op('Reshape', [g, target])];
};

const transpose: GradientRule = ({ b, node, g }) => {
  const rank = b.shape(node.inputs[0]!).length;
  const order = intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse = new Array<number>(rank);
  order.forEach((from, to) => {
    inverse[from] = to;
  });
  return [b.op('Transpose', [g], { perm: inverse })];
};

const concat: GradientRule = ({ b, node, g, wants, masked, unsupported }) => {
  const rank = b.shape(node.outputs[0]!).length;
  const axis = normalAxis(intAttribute(node, 'axis', 0), rank);
  const sizes = node.inputs.map((input) => {
    const size = b.shape(input)[axis]!;
    return typeof size === 'number' ? size : unsupported('it joins along an open axis');
  });
  const maker = b.nodes.findLast((other) => other.outputs[0] === g);
  const kernel = maker?.opType === 'Conv' ? b.valueOf(maker.inputs[1]!) : undefined;
  if (axis === 1 && maker && kernel?.type === 'float32' && maker.inputs.length === 2 && groupless(maker)) {
    // A convolution can give each part by itself, without a pass over memory to cut its result.
    let from = 0;
    return sizes.map((size, index) => {
      const part = outputChannels(kernel, from, size);
      from += size;
      if (!wants(index)) return undefined;
      const output = b.unique('Conv_part');
      b.add({ ...maker, name: b.unique('Conv'), inputs: [maker.inputs[0]!, b.constant(part)], outputs: [output] });
      return output;
    });
  }
  const parts = b.ops('Split', [g, b.ints(sizes)], sizes.length, { axis });
  if (masked.has(g)) for (const part of parts) masked.add(part);
  return parts.map((part, index) => (wants(index) ? part : undefined));
};

function groupless(node: Node): boolean {
  return intAttribute(node, 'group', 1) === 1;
}

/** Some of the output channels of a kernel. */
function outputChannels({ type, dims, data }: TensorValue, from: number, count: number): TensorValue {
  const size = dims.slice(1).reduce((product, dim) => product * dim, 1);
  return { type, dims: [count, ...dims.slice(1)], data: data.subarray(from * size, (from + count) * size) };
}

const split: GradientRule = ({ b, node, cotangents }) => {
  const axis = intAttribute(node, 'axis', 0);
  const parts = node.outputs.map((output, index) => cotangents[index] ?? b.op('Mul', [output, b.scalar(0)]));
  return [b.op('Concat', parts, { axis })];
};

/** Zeros around what was cut out. */
const slice: GradientRule = ({ b, node, g, unsupported }) => {
  const shape = b.shape(node.inputs[0]!);
  const numbers = (index: number): number[] | undefined => {
    const value = b.valueOf(node.inputs[index] ?? '');
    return value && Array.from(value.data as ArrayLike<number | bigint>, Number);
  };
  const starts = numbers(1) ?? unsupported('its bounds are computed');
  const axes = numbers(3) ?? starts.map((_, axis) => axis);
  const steps = numbers(4) ?? starts.map(() => 1);
  let result = g;
  for (const [index, start] of starts.entries()) {
    const axis = normalAxis(axes[index]!, shape.length);
    const length = shape[axis]!;
    const kept = b.shape(node.outputs[0]!)[axis]!;
    if (length === kept && steps[index] === 1) continue;
    if (typeof length !== 'number' || typeof kept !== 'number') return unsupported('it cuts an open axis');
    const step = steps[index]!;
    const first = Math.max(0, Math.min(length - 1, start < 0 ? start + length : start));
    const places = BigInt64Array.from({ length: kept }, (_, at) => BigInt(first + at * step));
    result = scatterAlong(axis, places, length, result);
  }
  return [result];

  /** Puts the rows of a value at the given places of an axis, zeros elsewhere: a product with a 0-1 matrix. */
  function scatterAlong(axis: number, places: BigInt64Array, length: number, value: string): string {
    const matrix = new Float32Array(places.length * length);
    places.forEach((place, row) => {
      matrix[row * length + Number(place)] = 1;
    });
    const order = shape.map((_, at) => at).filter((at) => at !== axis);
    const last = [...order, axis];
    const moved = axis === shape.length - 1 ? value : b.op('Transpose', [value], { perm: last });
    const rows = b.constant({ type: 'float32', dims: [places.length, length], data: matrix });
    const product = b.op('MatMul', [moved, rows]);
    const back = shape.map((_, at) => last.indexOf(at));
    return axis === shape.length - 1 ? product : b.op('Transpose', [product], { perm: back });
  }
};

/** Constant padding is cut off again. */
const pad: GradientRule = ({ b, node, g, unsupported }) => {
  const mode = node.attributes.get('mode');
  if (mode?.kind === 'string' && mode.value !== 'constant') unsupported(`its mode ${mode.value} has no gradient here`);
  const value = b.valueOf(node.inputs[1]!);
  if (value === undefined) return unsupported('its pads are computed');
  const pads = Array.from(value.data as ArrayLike<number | bigint>, Number);
  const rank = b.shape(node.outputs[0]!).length;
  const given = b.valueOf(node.inputs[3] ?? '');
  const axes = given
    ? Array.from(given.data as ArrayLike<number | bigint>, Number)
    : Array.from({ length: rank }, (_, axis) => axis);
  if (pads.some((width) => width < 0)) {
    // What was cut off has the gradient 0: padding by the opposite widths brings it back.
    return [b.op('Pad', [g, b.ints(pads.map((width) => -width)), b.scalar(0), ...(given ? [b.ints(axes)] : [])])];
  }
  const far = Number.MAX_SAFE_INTEGER;
  const starts = axes.map((_, index) => pads[index]!);
  const ends = axes.map((_, index) => (pads[index + axes.length]! === 0 ? far : -pads[index + axes.length]!));
  return [b.op('Slice', [g, b.ints(starts), b.ints(ends), b.ints(axes)])];
};

const cast: GradientRule = ({ b, node, g, unsupported }) => {
  const { type } = b.typeOf(node.inputs[0]!);
  if (type !== 'float32' && type !== 'float64') return unsupported(`it casts from ${type}`);
  return [b.op('Cast', [g], { to: type === 'float32' ? 1 : 11 })];
};

/** At inference it passes its input on. */
const dropout: GradientRule = ({ b, node, g, unsupported }) => {
  const training = node.inputs[2] ?? '';
  if (training !== '' && b.valueOf(training)?.data[0] !== 0) unsupported('it may be in training mode');
  return [g];
};

export const SHAPE: Readonly<Record<string, GradientRule>> = {
  Cast: cast,
  Concat: concat,
  Dropout: dropout,
  Flatten: reshaped,
  Identity: ({ g }) => [g],
  Pad: pad,
  Reshape: reshaped,
  Slice: slice,
  Split: split,
  Squeeze: reshaped,
  Transpose: transpose,
  Unsqueeze: reshaped,
};
