/** @file A shape rule for each operator. */

import { type Dim, intAttribute, intsAttribute, type Node, tensorAttribute } from '../graph/model.ts';
import { typeOfCode } from '../graph/tensor.ts';
import { broadcast, normalAxis, product, quotient } from './dims.ts';
import type { ShapeContext, ShapeRule, ValueType } from './types.ts';
import { windowCount, windowsOf } from './windows.ts';

const same: ShapeRule = ({ input }) => [input(0)];

const elementwise: ShapeRule = ({ node, input, fail }) => {
  const inputs = node.inputs.map((_, index) => input(index));
  const shape = broadcast(inputs.map((value) => value.shape));
  if (shape === undefined) {
    return fail(
      `has inputs of shapes ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')}, which do not fit`,
    );
  }
  return [{ type: input(0).type, shape }];
};

const comparison: ShapeRule = (context) => elementwise(context).map(({ shape }) => ({ type: 'bool', shape }));

const convolution: ShapeRule = ({ node, input, fail }) => {
  const x = input(0);
  const weight = input(1);
  const kernel = weight.shape.slice(2);
  if (x.shape.length !== weight.shape.length || x.shape.length < 3 || !allNumbers(kernel)) {
    return fail(`has an input [${x.shape.join(', ')}] and weights [${weight.shape.join(', ')}], which do not fit`);
  }
  const group = intAttribute(node, 'group', 1);
  const channels = x.shape[1]!;
  const wanted = weight.shape[1]!;
  if (typeof channels === 'number' && typeof wanted === 'number' && channels !== wanted * group) {
    return fail(`has ${channels} channels, but its weights are for ${wanted * group}`);
  }
  return [{ type: x.type, shape: [x.shape[0]!, weight.shape[0]!, ...slide(node, kernel, x.shape.slice(2), fail)] }];
};

const pool: ShapeRule = ({ node, input, fail }) => {
  const x = input(0);
  const kernel = intsAttribute(node, 'kernel_shape');
  if (kernel === undefined || x.shape.length !== kernel.length + 2) {
    return fail(`has windows [${kernel?.join(', ')}] and an input [${x.shape.join(', ')}], which do not fit`);
  }
  const shape = [...x.shape.slice(0, 2), ...slide(node, kernel, x.shape.slice(2), fail)];
  return node.outputs.map((_, index) => ({ type: index === 0 ? x.type : 'int64', shape }));
};

function slide(node: Node, kernel: readonly number[], spatial: readonly Dim[], fail: ShapeContext['fail']): Dim[] {
  const windows = windowsOf(node, kernel, spatial);
  return spatial.map((length, axis) => {
    const count = windows === undefined ? '?' : windowCount(length, axis, windows);
    if (typeof count === 'number' && count < 1)
      return fail(`has windows larger than its input [${spatial.join(', ')}]`);
    return count;
  });
}

const globalPool: ShapeRule = ({ input }) => {
  const x = input(0);
  return [{ type: x.type, shape: x.shape.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

const gemm: ShapeRule = ({ node, input, fail }) => {
  const [a, b] = [input(0).shape, input(1).shape];
  if (a.length !== 2 || b.length !== 2) return fail(`multiplies [${a.join(', ')}] and [${b.join(', ')}], not matrices`);
  const [rows, inner] = intAttribute(node, 'transA', 0) ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [outer, columns] = intAttribute(node, 'transB', 0) ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (differ(inner, outer)) return fail(`multiplies [${a.join(', ')}] and [${b.join(', ')}], which do not fit`);
  return [{ type: input(0).type, shape: [rows, columns] }];
};

const matMul: ShapeRule = ({ input, fail }) => {
  const a = input(0).shape;
  const b = input(1).shape;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === undefined || left.length < 2 || right.length < 2 || differ(left.at(-1)!, right.at(-2)!)) {
    return fail(`multiplies [${a.join(', ')}] and [${b.join(', ')}], which do not fit`);
  }
  const rows = a.length === 1 ? [] : [left.at(-2)!];
  const columns = b.length === 1 ? [] : [right.at(-1)!];
  return [{ type: input(0).type, shape: [...batch, ...rows, ...columns] }];
};

const flatten: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', 1), shape.length);
  return [{ type, shape: [fold(shape.slice(0, axis)), fold(shape.slice(axis))] }];
};

const reshape: ShapeRule = ({ node, input, ints, fail }) => {
  const { type, shape } = input(0);
  const target = ints(1);
  if (target === undefined) {
    return [{ type, shape: openAxes(input(1).shape[0], fail) }];
  }
  const keepsZero = intAttribute(node, 'allowzero', 0) === 0;
  const result = target.map((length, axis): Dim => (length === 0 && keepsZero ? (shape[axis] ?? '?') : length));
  const open = result.indexOf(-1);
  if (open >= 0) {
    // Axes that are copied from the input cancel, also where their length is open.
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
  const axes = has(3) ? ints(3) : shape.map((_, axis) => axis);
  const steps = has(4) ? ints(4) : starts?.map(() => 1);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined) {
    return fail('has bounds that are computed');
  }
  const result: Dim[] = [...shape];
  starts.forEach((start, index) => {
    const axis = normalAxis(axes[index]!, shape.length);
    const length = shape[axis]!;
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
  const pads = ints(1) ?? fail('has pads that are computed');
  const axes = has(3) ? (ints(3) ?? fail('has axes that are computed')) : shape.map((_, axis) => axis);
  const result: Dim[] = [...shape];
  axes.forEach((item, index) => {
    const axis = normalAxis(item, shape.length);
    const total = pads[index]! + pads[index + axes.length]!;
    const length = shape[axis]!;
    if (total !== 0) result[axis] = typeof length === 'number' ? length + total : '?';
  });
  return [{ type, shape: result }];
};

const reduce: ShapeRule = ({ node, input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const given = has(1) ? (ints(1) ?? fail('has axes that are computed')) : [];
  return [{ type, shape: reducedShape(node, shape, given) }];
};

/** The shape behind a Reduce operator; no axes means all, unless `noop_with_empty_axes`. */
export function reducedShape(node: Node, shape: readonly Dim[], given: readonly number[]): Dim[] {
  if (given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) !== 0) return [...shape];
  const axes = given.length === 0 ? shape.map((_, axis) => axis) : given.map((axis) => normalAxis(axis, shape.length));
  const keep = intAttribute(node, 'keepdims', 1) !== 0;
  return shape.flatMap((dim, axis) => (!axes.includes(axis) ? [dim] : keep ? [1] : []));
}

const argReduce: ShapeRule = ({ node, input }) => {
  const { shape } = input(0);
  return [{ type: 'int64', shape: reducedShape(node, shape, [intAttribute(node, 'axis', 0)]) }];
};

const gather: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', 0), shape.length);
  return [{ type, shape: [...shape.slice(0, axis), ...input(1).shape, ...shape.slice(axis + 1)] }];
};

const split: ShapeRule = ({ node, input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', 0), shape.length);
  const count = node.outputs.length;
  const length = shape[axis]!;
  const sizes = has(1) ? (ints(1) ?? fail('has sizes that are computed')) : undefined;
  const chunk = typeof length === 'number' ? Math.ceil(length / count) : undefined;
  return node.outputs.map((_, index): ValueType => {
    const size = sizes?.[index] ?? (chunk === undefined ? '?' : Math.min(chunk, Number(length) - index * chunk));
    return { type, shape: shape.map((dim, at) => (at === axis ? size : dim)) };
  });
};

const expand: ShapeRule = ({ input, ints, fail }) => {
  const { type, shape } = input(0);
  const target = ints(1);
  if (target === undefined) {
    return [{ type, shape: openAxes(input(1).shape[0], fail) }];
  }
  return [
    { type, shape: broadcast([shape, target]) ?? fail(`expands [${shape.join(', ')}] to [${target.join(', ')}]`) },
  ];
};

const oneHot: ShapeRule = ({ node, input, constant }) => {
  const { shape } = input(0);
  const depth = constant(1)?.data[0];
  const axis = normalAxis(intAttribute(node, 'axis', -1), shape.length + 1);
  return [
    {
      type: input(2).type,
      shape: [...shape.slice(0, axis), depth === undefined ? '?' : Number(depth), ...shape.slice(axis)],
    },
  ];
};

/** More axes than any runtime takes. */
const MOST_AXES = 64;

/** The shape that a computed target says: of its length, all axes open. */
function openAxes(rank: Dim | undefined, fail: ShapeContext['fail']): Dim[] {
  if (typeof rank !== 'number' || rank > MOST_AXES) return fail('has a target shape of unknown length');
  return new Array<Dim>(rank).fill('?');
}

function fold(dims: readonly Dim[]): Dim {
  const { known, open } = product(dims);
  if (open.length === 0) return known;
  return open.length === 1 && known === 1 ? open[0]! : '?';
}

function differ(a: Dim, b: Dim): boolean {
  return typeof a === 'number' && typeof b === 'number' && a !== b;
}

function allNumbers(dims: readonly Dim[]): dims is readonly number[] {
  return dims.every((dim) => typeof dim === 'number');
}

export const SHAPE_RULES: Readonly<Record<string, ShapeRule>> = {
  Abs: same,
  Add: elementwise,
  And: comparison,
  ArgMax: argReduce,
  ArgMin: argReduce,
  AveragePool: pool,
  BatchNormalization: same,
  Cast: ({ node, input }) => [{ type: typeOfCode(intAttribute(node, 'to', 1)) ?? 'float32', shape: input(0).shape }],
  Ceil: same,
  Clip: same,
  Concat: concat,
  ConstantOfShape: ({ node, ints, input, fail }) => [
    { type: tensorAttribute(node, 'value')?.type ?? 'float32', shape: ints(0) ?? openAxes(input(0).shape[0], fail) },
  ],
  Conv: convolution,
  ConvTranspose: ({ node, input, fail }) => {
    const x = input(0);
    const weight = input(1).shape;
    const group = intAttribute(node, 'group', 1);
    const kernel = weight.slice(2);
    if (!allNumbers(kernel)) return fail('has a kernel of unknown size');
    const windows = windowsOf(node, kernel, x.shape.slice(2));
    const extra = intsAttribute(node, 'output_padding') ?? kernel.map(() => 0);
    const said = intsAttribute(node, 'output_shape');
    const spatial = x.shape.slice(2).map((length, axis): Dim => {
      if (said !== undefined) return said[axis]!;
      if (typeof length !== 'number' || windows === undefined) return '?';
      const reach = (kernel[axis]! - 1) * windows.dilations[axis]! + 1;
      return (
        windows.strides[axis]! * (length - 1) + extra[axis]! + reach - windows.before[axis]! - windows.after[axis]!
      );
    });
    const channels = weight[1]!;
    return [{ type: x.type, shape: [x.shape[0]!, typeof channels === 'number' ? channels * group : '?', ...spatial] }];
  },
  DepthToSpace: ({ node, input }) => {
    const { type, shape } = input(0);
    const block = intAttribute(node, 'blocksize', 1);
    const [batch = '?', channels = '?', height = '?', width = '?'] = shape;
    const times = (dim: Dim, factor: number): Dim => (typeof dim === 'number' ? dim * factor : '?');
    return [{ type, shape: [batch, times(channels, 1 / (block * block)), times(height, block), times(width, block)] }];
  },
  Div: elementwise,
  Dropout: ({ input }) => [input(0), { type: 'bool', shape: input(0).shape }],
  Elu: same,
  Equal: comparison,
  Erf: same,
  Exp: same,
  Expand: expand,
  Flatten: flatten,
  Floor: same,
  Gather: gather,
  GatherElements: ({ input }) => [{ type: input(0).type, shape: input(1).shape }],
  Gemm: gemm,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Greater: comparison,
  GreaterOrEqual: comparison,
  HardSigmoid: same,
  Identity: same,
  IsInf: comparison,
  IsNaN: comparison,
  LayerNormalization: same,
  LeakyRelu: same,
  Less: comparison,
  LessOrEqual: comparison,
  Log: same,
  LogSoftmax: same,
  LRN: same,
  MatMul: matMul,
  Max: elementwise,
  MaxPool: pool,
  MaxUnpool: ({ input, ints, has }) => {
    const { type, shape } = input(0);
    return [{ type, shape: (has(2) ? ints(2) : undefined) ?? shape.map((dim, axis) => (axis < 2 ? dim : '?')) }];
  },
  Mean: elementwise,
  Min: elementwise,
  Mul: elementwise,
  Neg: same,
  Not: same,
  OneHot: oneHot,
  Or: comparison,
  Pad: pad,
  Pow: ({ input, fail }) => [
    { type: input(0).type, shape: broadcast([input(0).shape, input(1).shape]) ?? fail('has inputs that do not fit') },
  ],
  PRelu: same,
  Reciprocal: same,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: reduce,
  ReduceSumSquare: reduce,
  Relu: same,
  Reshape: reshape,
  Round: same,
  ScatterElements: same,
  Selu: same,
  Shape: ({ input }) => [{ type: 'int64', shape: [input(0).shape.length] }],
  Sigmoid: same,
  Size: () => [{ type: 'int64', shape: [] }],
  Sign: same,
  Slice: slice,
  Softmax: same,
  Softplus: same,
  SpaceToDepth: ({ node, input }) => {
    const { type, shape } = input(0);
    const block = intAttribute(node, 'blocksize', 1);
    const [batch = '?', channels = '?', height = '?', width = '?'] = shape;
    const times = (dim: Dim, factor: number): Dim => (typeof dim === 'number' ? dim * factor : '?');
    return [
      { type, shape: [batch, times(channels, block * block), times(height, 1 / block), times(width, 1 / block)] },
    ];
  },
  Split: split,
  Sqrt: same,
  Squeeze: squeeze,
  Sub: elementwise,
  Sum: elementwise,
  Tanh: same,
  Tile: ({ input, ints }) => {
    const { type, shape } = input(0);
    const repeats = ints(1);
    return [
      { type, shape: shape.map((dim, axis) => (typeof dim === 'number' && repeats ? dim * repeats[axis]! : '?')) },
    ];
  },
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: ({ input, fail }) => [
    {
      type: input(1).type,
      shape: broadcast([input(0).shape, input(1).shape, input(2).shape]) ?? fail('has inputs that do not fit'),
    },
  ],
  Xor: comparison,
};
