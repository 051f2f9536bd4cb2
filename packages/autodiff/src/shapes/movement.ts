/** @file Output shapes of operators that move elements without changing them. */

import { broadcast, normalAxis, product, quotient } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { typeOfCode } from '../model/tensor.ts';
import { intAttribute, intsAttribute, tensorAttribute } from '../operators/attributes.ts';
import { MOST_AXES } from '../operators/check.ts';
import type { ShapeContext, ShapeRule, ValueType } from './types.ts';

const flatten: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', 1), shape.length);
  return [{ type, shape: [fold(shape.slice(0, axis)), fold(shape.slice(axis))] }];
};

const reshape: ShapeRule = ({ node, input, ints, lengths, fail }) => {
  const { type, shape } = input(0);
  const target = ints(1);
  if (target === undefined) {
    const known = lengths(1);
    if (known === undefined) return [{ type, shape: openAxes(input(1).shape[0], fail) }];
    // 0 (copy) and -1 (the rest) may occur beside open lengths.
    const copied = known.map((dim, axis) => (dim === 0 ? (shape[axis] ?? '?') : dim));
    const rest = copied.filter((dim) => dim !== -1);
    return [{ type, shape: copied.map((dim) => (dim === -1 ? quotient(shape, rest) : dim)) }];
  }
  const keepsZero = intAttribute(node, 'allowzero', 0) === 0;
  const result = target.map((length, axis): Dim => (length === 0 && keepsZero ? (shape[axis] ?? '?') : length));
  const open = result.indexOf(-1);
  if (open >= 0) {
    // Axes that are copied from the input cancel, even if their length is open.
    const others = result.filter((_, axis) => axis !== open);
    result[open] = quotient(shape, others);
  }
  const [before, after] = [product(shape), product(result)];
  if (before.open.length === 0 && after.open.length === 0 && before.known !== after.known) {
    return fail(`reshapes [${shape.join(', ')}] to [${target.join(', ')}], which has another number of elements`);
  }
  return [{ type, shape: result }];
};

const transpose: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const order = intsAttribute(node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  return [{ type, shape: order.map((axis) => shape[axis]!) }];
};

const squeeze: ShapeRule = ({ input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const axes = has(1) ? ints(1)?.map((axis) => normalAxis(axis, shape.length)) : undefined;
  if (has(1) && axes === undefined) return fail('has axes that are computed');
  return [{ type, shape: shape.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))) }];
};

const unsqueeze: ShapeRule = ({ input, ints, fail }) => {
  const { type, shape } = input(0);
  const axes = ints(1) ?? fail('has axes that are computed');
  const rank = shape.length + axes.length;
  const places = axes.map((axis) => normalAxis(axis, rank));
  const rest = [...shape];
  return [{ type, shape: Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? 1 : rest.shift()!)) }];
};

const concat: ShapeRule = ({ node, input, fail }) => {
  const inputs = node.inputs.map((_, index) => input(index));
  const first = inputs[0] ?? fail('joins nothing');
  const axis = normalAxis(intAttribute(node, 'axis', 0), first.shape.length);
  const parts = inputs.map(({ shape }) => shape[axis] ?? fail('joins tensors of unlike ranks'));
  const total = parts.reduce<Dim>(
    (sum, dim) => (typeof sum === 'number' && typeof dim === 'number' ? sum + dim : '?'),
    0,
  );
  return [{ type: first.type, shape: first.shape.map((dim, at) => (at === axis ? total : dim)) }];
};

const slice: ShapeRule = ({ input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const [starts, ends] = [ints(1), ints(2)];
  const axes = has(3) ? ints(3) : starts?.map((_, axis) => axis);
  const steps = has(4) ? ints(4) : starts?.map(() => 1);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined) {
    const open = axes?.map((axis) => normalAxis(axis, shape.length));
    return [{ type, shape: shape.map((dim, axis) => (open === undefined || open.includes(axis) ? '?' : dim)) }];
  }
  if (starts.length !== axes.length || ends.length !== axes.length || steps.length !== axes.length) {
    return fail(`has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`);
  }
  const result: Dim[] = [...shape];
  starts.forEach((start, index) => {
    const axis = normalAxis(axes[index]!, shape.length);
    const length = shape[axis] ?? fail(`cuts more axes than its input has`);
    if (typeof length !== 'number') {
      result[axis] = start === 0 && ends[index]! >= 2 ** 31 - 1 && steps[index] === 1 ? length : '?';
      return;
    }
    const step = steps[index]!;
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const clamp = (at: number): number => Math.max(low, Math.min(high, at < 0 ? at + length : at));
    const from = step > 0 ? clamp(start) : Math.min(length - 1, start < 0 ? start + length : start);
    const to = ends[index]! < -length ? low : clamp(ends[index]!);
    result[axis] = Math.max(0, Math.ceil((to - from) / step));
  });
  return [{ type, shape: result }];
};

const pad: ShapeRule = ({ input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const pads = ints(1);
  const axes = has(3) ? (ints(3) ?? fail('has axes that are computed')) : shape.map((_, axis) => axis);
  if (pads === undefined) return [{ type, shape: shape.map((dim, axis) => (axes.includes(axis) ? '?' : dim)) }];
  if (pads.length !== 2 * axes.length) return fail(`has ${pads.length} pads for ${axes.length} axes`);
  const result: Dim[] = [...shape];
  axes.forEach((item, index) => {
    const axis = normalAxis(item, shape.length);
    const total = pads[index]! + pads[index + axes.length]!;
    const length = shape[axis]!;
    if (total !== 0) result[axis] = typeof length === 'number' ? length + total : '?';
  });
  return [{ type, shape: result }];
};

const split: ShapeRule = ({ node, input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', 0), shape.length);
  const count = node.outputs.length;
  const length = shape[axis] ?? fail('cuts a single number');
  const parts = intAttribute(node, 'num_outputs', undefined);
  if (parts !== undefined && parts !== count) fail(`has ${count} outputs, but ${parts} as its num_outputs`);
  const sizes = has(1) ? (ints(1) ?? node.outputs.map(() => '?' as const)) : undefined;
  const chunk = typeof length === 'number' ? Math.ceil(length / count) : undefined;
  const total = sizes?.reduce<Dim>((sum, size) => (size === '?' ? '?' : Number(sum) + size), 0);
  if (sizes?.length !== undefined && sizes.length !== count) fail(`has ${count} outputs, but ${sizes.length} lengths`);
  if (typeof total === 'number' && typeof length === 'number' && total !== length) {
    fail(`cuts an axis of ${length} into parts of ${total} in all`);
  }
  return node.outputs.map((_, index): ValueType => {
    const size = sizes?.[index] ?? (chunk === undefined ? '?' : Math.min(chunk, Number(length) - index * chunk));
    return { type, shape: shape.map((dim, at) => (at === axis ? size : dim)) };
  });
};

const expand: ShapeRule = ({ input, lengths, fail }) => {
  const { type, shape } = input(0);
  const target = lengths(1);
  if (target === undefined) {
    const open = openAxes(input(1).shape[0], fail);
    const extra = open.length - shape.length;
    // An axis longer than 1 stays; the target may have fewer axes than the input.
    const stays = (dim: Dim): Dim => (typeof dim === 'number' && dim !== 1 ? dim : '?');
    return [{ type, shape: extra < 0 ? shape.map(stays) : [...open.slice(0, extra), ...shape.map(stays)] }];
  }
  return [
    { type, shape: broadcast([shape, target]) ?? fail(`expands [${shape.join(', ')}] to [${target.join(', ')}]`) },
  ];
};

const tile: ShapeRule = ({ input, ints }) => {
  const { type, shape } = input(0);
  const repeats = ints(1);
  const times = (dim: Dim, count: number | undefined): Dim => {
    if (count === 1) return dim;
    return typeof dim === 'number' && count !== undefined ? dim * count : '?';
  };
  return [{ type, shape: shape.map((dim, axis) => times(dim, repeats?.[axis])) }];
};

/** The lengths of the axes from `start` to before `end`; both may be negative, counting from the end. */
const shapeOfShape: ShapeRule = ({ node, input }) => {
  const { shape } = input(0);
  return [
    {
      type: 'int64',
      shape: [shape.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', undefined)).length],
    },
  ];
};

/** Moves channels into squares of `side` x `side` pixels; the other way round if `side` is below 1. */
function blocks({ type, shape }: ValueType, side: number, fail: ShapeContext['fail']): ValueType {
  if (shape.length !== 4) return fail(`has an input of [${shape.join(', ')}], where images belong`);
  const [batch = '?', channels = '?', height = '?', width = '?'] = shape;
  const by = (length: number, factor: number): number =>
    factor < 1 ? length / Math.round(1 / factor) : length * factor;
  const times = (dim: Dim, factor: number): Dim => (typeof dim === 'number' ? by(dim, factor) : '?');
  return { type, shape: [batch, times(channels, 1 / (side * side)), times(height, side), times(width, side)] };
}

/** The shape for a computed target: as many open axes as the target has elements. */
function openAxes(rank: Dim | undefined, fail: ShapeContext['fail']): Dim[] {
  if (typeof rank !== 'number' || rank > MOST_AXES) return fail('has a target shape of unknown length');
  return new Array<Dim>(rank).fill('?');
}

function fold(dims: readonly Dim[]): Dim {
  const { known, open } = product(dims);
  if (open.length === 0) return known;
  return open.length === 1 && known === 1 ? open[0]! : '?';
}

/** Random numbers of the shape of the input. */
const randomLike: ShapeRule = ({ node, input }) => [
  { type: typeOfCode(intAttribute(node, 'dtype', 0)) ?? input(0).type, shape: input(0).shape },
];

/** Random numbers of a shape that is written into the node. */
const randomOfShape: ShapeRule = ({ node }) => [
  { type: typeOfCode(intAttribute(node, 'dtype', 1)) ?? 'float32', shape: intsAttribute(node, 'shape') ?? [] },
];

export const MOVEMENT_SHAPES: Readonly<Record<string, ShapeRule>> = {
  Concat: concat,
  Bernoulli: randomLike,
  ConstantOfShape: ({ node, lengths, input, fail }) => [
    { type: tensorAttribute(node, 'value')?.type ?? 'float32', shape: lengths(0) ?? openAxes(input(0).shape[0], fail) },
  ],
  CastLike: ({ input }) => [{ type: input(1).type, shape: input(0).shape }],
  DepthToSpace: ({ node, input, fail }) => [blocks(input(0), intAttribute(node, 'blocksize', 1), fail)],
  Expand: expand,
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  RandomNormal: randomOfShape,
  RandomNormalLike: randomLike,
  RandomUniform: randomOfShape,
  RandomUniformLike: randomLike,
  Shape: shapeOfShape,
  Size: () => [{ type: 'int64', shape: [] }],
  Slice: slice,
  SpaceToDepth: ({ node, input, fail }) => [blocks(input(0), 1 / intAttribute(node, 'blocksize', 1), fail)],
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
