/** @file Folds operators that move elements without changing them, such as those that assemble shapes. */

import { normalAxis } from '../model/dims.ts';
import { type Entries, type Entry, entriesOf, MOST_ENTRIES } from '../model/entries.ts';
import type { Dim, Node } from '../model/model.ts';
import { elementCount } from '../model/tensor.ts';
import { intAttribute, intsAttribute, tensorAttribute } from '../operators/attributes.ts';
import { arranged, type FoldRule, made, placeOf, stridesOf, Unfoldable } from './types.ts';

/** An axis, counted from the front. @throws Unfoldable if it is out of range */
export function axisOf(axis: number, rank: number): number {
  const result = normalAxis(axis, rank);
  if (!(result >= 0 && result < rank)) throw new Unfoldable();
  return result;
}

/** The same elements in another shape. */
function reshaped({ type, data }: Entries, dims: readonly number[]): readonly Entries[] {
  if (elementCount(dims) !== data.length) throw new Unfoldable();
  return [{ type, dims, data }];
}

const reshape: FoldRule = ({ node, input, numbers }) => {
  const source = input(0);
  const keepsZero = intAttribute(node, 'allowzero', 0) === 0;
  const target = numbers(1).map((length, axis) => (length === 0 && keepsZero ? (source.dims[axis] ?? 0) : length));
  const others = elementCount(target.filter((length) => length !== -1));
  return reshaped(
    source,
    target.map((length) => (length === -1 ? source.data.length / others : length)),
  );
};

const squeeze: FoldRule = ({ input, has, numbers }) => {
  const source = input(0);
  const axes = has(1) ? numbers(1).map((axis) => axisOf(axis, source.dims.length)) : undefined;
  return reshaped(
    source,
    source.dims.filter((length, axis) => (axes === undefined ? length !== 1 : !axes.includes(axis))),
  );
};

const unsqueeze: FoldRule = ({ input, numbers }) => {
  const source = input(0);
  const rank = source.dims.length + numbers(1).length;
  const axes = numbers(1).map((axis) => axisOf(axis, rank));
  const rest = [...source.dims];
  return reshaped(
    source,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
  );
};

const concat: FoldRule = ({ node, input }) => {
  const parts = node.inputs.map((_, index) => input(index));
  const first = parts[0];
  if (first === undefined) throw new Unfoldable();
  const axis = axisOf(intAttribute(node, 'axis', 0), first.dims.length);
  const dims = [...first.dims];
  dims[axis] = parts.reduce((sum, part) => sum + (part.dims[axis] ?? Number.NaN), 0);
  const rows = elementCount(dims.slice(0, axis));
  const pieces: (readonly Entry[])[] = [];
  for (let row = 0; row < rows && elementCount(dims) <= MOST_ENTRIES; row++) {
    for (const { dims: own, data } of parts) {
      const width = elementCount(own.slice(axis));
      pieces.push(data.slice(row * width, (row + 1) * width));
    }
  }
  const joined = pieces.flat();
  return [made(first.type, dims, (place) => joined[place])];
};

const slice: FoldRule = ({ input, has, numbers }) => {
  const source = input(0);
  const rank = source.dims.length;
  const starts = numbers(1);
  const axes = has(3) ? numbers(3).map((axis) => axisOf(axis, rank)) : starts.map((_, axis) => axisOf(axis, rank));
  const steps = has(4) ? numbers(4) : starts.map(() => 1);
  const dims = [...source.dims];
  const from = source.dims.map(() => 0);
  const by = source.dims.map(() => 1);
  axes.forEach((axis, index) => {
    const [length, step] = [source.dims[axis]!, steps[index] ?? 1];
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const bounded = (at: number, least: number): number => Math.max(least, Math.min(high, at < 0 ? at + length : at));
    from[axis] = bounded(starts[index]!, Math.max(0, low));
    by[axis] = step;
    const end = numbers(2)[index] ?? Number.NaN;
    dims[axis] = Math.max(0, Math.ceil((bounded(end, low) - from[axis]!) / step));
  });
  const strides = stridesOf(source.dims);
  return [
    arranged(source, dims, (place) =>
      placeOf(place, dims).reduce((sum, along, axis) => sum + (from[axis]! + along * by[axis]!) * strides[axis]!, 0),
    ),
  ];
};

const gather: FoldRule = ({ node, input, numbers }) => {
  const source = input(0);
  const axis = axisOf(intAttribute(node, 'axis', 0), source.dims.length);
  const length = source.dims[axis]!;
  const places = numbers(1);
  const width = elementCount(source.dims.slice(axis + 1));
  const dims = [...source.dims.slice(0, axis), ...input(1).dims, ...source.dims.slice(axis + 1)];
  return [
    arranged(source, dims, (place) => {
      const row = Math.floor(place / width);
      const outer = Math.floor(row / places.length);
      const at = normalAxis(places[row % places.length]!, length);
      return at >= 0 && at < length ? (outer * length + at) * width + (place % width) : -1;
    }),
  ];
};

const split: FoldRule = ({ node, input, has, numbers }) => {
  const source = input(0);
  const axis = axisOf(intAttribute(node, 'axis', 0), source.dims.length);
  const length = source.dims[axis]!;
  const chunk = Math.ceil(length / node.outputs.length);
  const sizes = has(1) ? numbers(1) : node.outputs.map((_, index) => Math.min(chunk, length - index * chunk));
  const width = elementCount(source.dims.slice(axis + 1));
  let from = 0;
  return node.outputs.map((_, index) => {
    const size = sizes[index] ?? Number.NaN;
    const dims = source.dims.map((dim, at) => (at === axis ? size : dim));
    const start = from;
    from += size;
    const inner = size * width;
    return arranged(source, dims, (place) => (Math.floor(place / inner) * length + start) * width + (place % inner));
  });
};

const transpose: FoldRule = ({ node, input }) => {
  const source = input(0);
  const rank = source.dims.length;
  const order = intsAttribute(node, 'perm') ?? source.dims.map((_, axis) => rank - 1 - axis);
  const strides = stridesOf(source.dims);
  const dims = order.map((axis) => source.dims[axis] ?? Number.NaN);
  return [
    arranged(source, dims, (place) =>
      placeOf(place, dims).reduce((sum, along, axis) => sum + along * strides[order[axis]!]!, 0),
    ),
  ];
};

/** Broadcasts to a known shape. */
const expand: FoldRule = ({ input, numbers }) => {
  const source = input(0);
  const target = numbers(1);
  const rank = Math.max(target.length, source.dims.length);
  const own = (axis: number): number => source.dims[axis - rank + source.dims.length] ?? 1;
  const dims = Array.from({ length: rank }, (_, axis) => {
    const wanted = target[axis - rank + target.length] ?? 1;
    if (own(axis) !== 1 && wanted !== 1 && own(axis) !== wanted) throw new Unfoldable();
    return own(axis) === 1 ? wanted : own(axis);
  });
  const strides = stridesOf(source.dims);
  const extra = rank - source.dims.length;
  return [
    arranged(source, dims, (place) => {
      const along = placeOf(place, dims);
      return source.dims.reduce(
        (sum, length, axis) => sum + (length === 1 ? 0 : along[axis + extra]! * strides[axis]!),
        0,
      );
    }),
  ];
};

const tile: FoldRule = ({ input, numbers }) => {
  const source = input(0);
  const dims = source.dims.map((length, axis) => length * (numbers(1)[axis] ?? Number.NaN));
  const strides = stridesOf(source.dims);
  return [
    arranged(source, dims, (place) =>
      placeOf(place, dims).reduce((sum, along, axis) => sum + (along % source.dims[axis]!) * strides[axis]!, 0),
    ),
  ];
};

const constantOfShape: FoldRule = ({ node, numbers }) => {
  const value = tensorAttribute(node, 'value');
  const filled = value === undefined ? { type: 'float32' as const, data: [0] } : entriesOf(value);
  if (filled === undefined) throw new Unfoldable();
  return [made(filled.type, numbers(0), () => filled.data[0])];
};

const range: FoldRule = ({ input, numbers }) => {
  const [start, end, step] = [numbers(0)[0], numbers(1)[0], numbers(2)[0]];
  if (start === undefined || end === undefined || !step) throw new Unfoldable();
  const { type } = input(0);
  // As ONNX Runtime does: in the type of the inputs, but for the quotient.
  const rounded = (value: number): number => (type === 'float32' ? Math.fround(value) : value);
  const count = Math.max(0, Math.ceil(rounded(end - start) / step));
  return [made(type, [count], (place) => rounded(start + rounded(place * step)))];
};

/** The output of Shape. */
export function shapeEntries(node: Node, shape: readonly Dim[]): Entries {
  const data = shape.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', undefined));
  return { type: 'int64', dims: [data.length], data };
}

/** The output of Size: a number, or an open length if all other lengths are 1. */
export function sizeEntries(shape: readonly Dim[]): Entries {
  const open = shape.filter((dim) => typeof dim === 'string');
  const known = elementCount(shape.filter((dim) => typeof dim === 'number'));
  const count: Entry = open.length === 0 ? known : open.length === 1 && known === 1 ? open[0]! : '?';
  return { type: 'int64', dims: [], data: [count] };
}

export const MOVEMENT_FOLDS: Readonly<Record<string, FoldRule>> = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Expand: expand,
  Gather: gather,
  Identity: ({ input }) => [input(0)],
  Range: range,
  Reshape: reshape,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
