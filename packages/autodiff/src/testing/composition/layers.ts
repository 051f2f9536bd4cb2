/** @file Steps of layers: products, convolutions, pools, normalizations. */

import type { Attributes } from '../../builder/builder.ts';
import { awayFrom, inOrder, into, type Step, type StepContext, spreadOut } from './step.ts';

/** Kernel, strides, pads and dilations that fit an image. */
function windowed({ shape, draw }: StepContext): Record<'kernel_shape' | 'strides' | 'pads', readonly number[]> {
  const kernel = [Math.min(shape[2], 1 + draw(3)), Math.min(shape[3], 1 + draw(3))];
  // A window has at least one pixel of the image in it.
  const pads = [...kernel, ...kernel].map((length) => Math.min(draw(2), length - 1));
  return { kernel_shape: kernel, strides: [1 + draw(2), 1 + draw(2)], pads };
}

/** A pool of windows, some of which overhang. */
const pool =
  (
    opType: string,
    more: (context: StepContext) => Attributes = () => ({}),
    prepare = ({ x }: StepContext) => x,
  ): Step =>
  (context) =>
    context.b.op(opType, [prepare(context)], { ...windowed(context), ...more(context) });

/** The same windows, or the next one too where a part of the image is left over. */
const overhanging =
  (
    opType: string,
    more: (context: StepContext) => Attributes = () => ({}),
    prepare = ({ x }: StepContext) => x,
  ): Step =>
  (context) => {
    const { kernel_shape, ...plain } = windowed(context);
    // ONNX Runtime's kernels and shape inference disagree about windows that would start after the image.
    const pads = [...plain.pads.slice(0, 2), 0, 0];
    const strides = plain.strides.map((stride, axis) => Math.min(stride, kernel_shape[axis]!));
    const geometry = context.draw(2) === 0 ? plain : { strides, pads, ceil_mode: 1 };
    return context.b.op(opType, [prepare(context)], { kernel_shape, ...geometry, ...more(context) });
  };

/** x changed by one number for each channel. */
const globalPool =
  (opType: string, prepare: (context: StepContext) => string, attributes: Attributes = {}): Step =>
  (context) => {
    const { b, x } = context;
    return b.op('Tanh', [b.op('Sub', [x, b.op(opType, [prepare(context)], attributes)])]);
  };

/** A normalization with a scale and, if it has one, an offset of given lengths. */
const normalized =
  (
    opType: string,
    lengths: (context: StepContext) => readonly number[],
    offset: boolean,
    attributes: Attributes,
  ): Step =>
  (context) => {
    const { b, parameter } = context;
    const more = offset ? [parameter(lengths(context))] : [];
    return b.op(opType, [spreadOut(context), parameter(lengths(context), 0.5, 1.5), ...more], attributes);
  };

const channels = ({ shape }: StepContext): readonly number[] => [shape[1]];

/** One number per channel since opset 21; one per group before. */
const channelsOrGroup = ({ opset, shape }: StepContext): readonly number[] => [opset < 21 ? 1 : shape[1]];

export const LAYER_STEPS: Readonly<Record<string, Step>> = {
  AveragePool: overhanging('AveragePool', ({ draw }) => ({ count_include_pad: draw(2) })),
  BatchNormalization: ({ b, x, shape, parameter }) => {
    const one = [shape[1]];
    const [scale, bias, mean] = [parameter(one, 0.5, 1.5), parameter(one), parameter(one)];
    return b.op('BatchNormalization', [x, scale, bias, mean, parameter(one, 0.5, 1.5)]);
  },
  Conv: (context) => {
    const { b, x, shape, parameter, constant, draw } = context;
    const attributes = windowed(context);
    const group = draw(2) === 0 ? 1 : shape[1];
    const weights = [group * (1 + draw(2)), shape[1] / group, ...attributes.kernel_shape];
    const bias = draw(2) === 0 ? [] : [parameter(weights.slice(0, 1))];
    const make = draw(2) === 0 ? parameter : constant;
    return b.op('Tanh', [b.op('Conv', [x, make(weights), ...bias], { ...attributes, group })]);
  },
  'Conv with dilations': ({ b, x, parameter, shape }) =>
    b.op('Tanh', [b.op('Conv', [x, parameter([2, shape[1], 2, 2])], { dilations: [2, 3], pads: [2, 3, 2, 3] })]),
  'Conv of rows': ({ b, x, parameter, shape }) => {
    const [, count, height, width] = shape;
    const rows = b.op('Reshape', [x, b.ints([0, 0, height * width])]);
    const mixed = b.op('Conv', [rows, parameter([count, count, 3])], { pads: [1, 1] });
    return b.op('Tanh', [b.op('Reshape', [mixed, b.ints([0, 0, height, width])])]);
  },
  ConvTranspose: (context) => {
    const { b, x, shape, parameter, draw } = context;
    const group = draw(2) === 0 ? 1 : shape[1];
    const strides = [1 + draw(2), 1 + draw(2)];
    const attributes = { kernel_shape: [3, 2], strides, pads: [1, 0, draw(2), 1], group };
    const output_padding = strides.map((stride) => (stride > 1 ? draw(2) : 0));
    const weights = parameter([shape[1], 1 + draw(2), 3, 2]);
    return b.op('Tanh', [b.op('ConvTranspose', [x, weights], { ...attributes, output_padding })]);
  },
  Einsum: ({ b, x, shape, parameter, draw }) => {
    const [, count, height, width] = shape;
    const [equation, dims] = [
      ['nchw,oc->nohw', [2, count]],
      ['nchw,wk->nckh', [width, 3]],
      ['...hw,h->...hw', [height]],
      ['bchw,chk->bkhw', [count, height, 2]],
      ['nchw,cc->nhwc', [count, count]],
    ][draw(5)] as [string, number[]];
    return b.op('Tanh', [b.op('Einsum', [x, parameter(dims)], { equation })]);
  },
  Gemm: ({ b, x, shape, parameter, draw }) => {
    const inner = shape[1] * shape[2] * shape[3];
    const outer = 2 * shape[2];
    const transB = draw(2);
    const weights = parameter(transB === 1 ? [outer, inner] : [inner, outer], -0.2, 0.2);
    const offset = [[], [outer], [shape[0], 1], [1]][draw(4)]!;
    const rows = b.op('Gemm', [b.op('Flatten', [x]), weights, ...(offset.length > 0 ? [parameter(offset)] : [])], {
      transB,
      alpha: 0.5,
      beta: 2,
    });
    return b.op('Tanh', [b.op('Reshape', [rows, b.ints([-1, 1, 2, shape[2]])])]);
  },
  'Einsum of diagonals': ({ b, x, shape, draw }) => {
    const side = Math.min(shape[2], shape[3]);
    const square = b.op('Slice', [x, b.ints([0, 0]), b.ints([side, side]), b.ints([2, 3])]);
    const [equation, axes] = [
      ['bcii->bci', [3]],
      ['bcii->bic', [3]],
      ['bcii->bc', [2, 3]],
    ][draw(3)] as [string, number[]];
    return b.op('Unsqueeze', [b.op('Tanh', [b.op('Einsum', [square], { equation })]), b.ints(axes)]);
  },
  GlobalAveragePool: globalPool('GlobalAveragePool', ({ x }) => x),
  GlobalLpPool: globalPool('GlobalLpPool', (context) => into(context, context.x, 0.2, 1), { p: 2 }),
  GlobalMaxPool: globalPool('GlobalMaxPool', inOrder),
  GroupNormalization: normalized('GroupNormalization', channelsOrGroup, true, { num_groups: 1, epsilon: 0.1 }),
  InstanceNormalization: normalized('InstanceNormalization', channels, true, { epsilon: 0.1 }),
  LRN: ({ b, x, draw }) => b.op('LRN', [x], { size: 1 + 2 * draw(3), alpha: 0.5, beta: 0.75, bias: 1 }),
  LayerNormalization: (context) => {
    const axis = 2 + context.draw(2);
    const rest = ({ shape }: StepContext): readonly number[] => shape.slice(axis);
    return normalized('LayerNormalization', rest, true, { axis, epsilon: 0.1 })(context);
  },
  LogSoftmax: ({ b, x, draw }) => b.op('LogSoftmax', [x], { axis: 1 + draw(3) }),
  LpNormalization: (context) => {
    const p = 1 + context.draw(2);
    return context.b.op('LpNormalization', [awayFrom(context, [0])], { axis: 1 + context.draw(3), p });
  },
  LpPool: pool(
    'LpPool',
    ({ draw }) => ({ p: 1 + draw(3) }),
    (context) => into(context, context.x, 0.2, 1),
  ),
  MatMul: ({ b, x, shape, parameter, draw }) => {
    const [, count, height, width] = shape;
    const forms = [
      () => [x, parameter([width, 3])],
      () => [parameter([2, height]), x],
      () => [x, parameter([count, width, 2])],
    ];
    return b.op('Tanh', [b.op('MatMul', forms[draw(3)]!())]);
  },
  'MatMul with a vector': ({ b, x, shape, parameter }) => {
    // Directly after a Transpose, ONNX Runtime's product would be wrong (see upgrades/onnxruntime.ts).
    const mixed = b.op('Conv', [x, parameter([shape[1], shape[1], 1, 1])]);
    const column = b.op('MatMul', [mixed, parameter([shape[3]])]);
    return b.op('Tanh', [b.op('Sub', [x, b.op('Unsqueeze', [column, b.ints([3])])])]);
  },
  'MatMul with itself': ({ b, x }) =>
    b.op('Tanh', [b.op('MatMul', [x, b.op('Transpose', [x], { perm: [0, 1, 3, 2] })])]),
  MaxPool: overhanging('MaxPool', () => ({}), inOrder),
  'MaxPool behind Relu': pool(
    'MaxPool',
    () => ({}),
    (context) => context.b.op('Relu', [inOrder(context)]),
  ),
  'MaxPool with dilations': (context) =>
    context.b.op('MaxPool', [inOrder(context)], {
      kernel_shape: [2, 2],
      // A window has at least one pixel of the image in it.
      dilations: context.shape.slice(2).map((length) => (length > 1 ? 2 : 1)),
      pads: [1, 1, 1, 1],
    }),
  MeanVarianceNormalization: (context) =>
    context.b.op('Tanh', [context.b.op('MeanVarianceNormalization', [awayFrom(context, [])])]),
  RMSNormalization: normalized('RMSNormalization', ({ shape }) => [shape[3]], false, { axis: -1, epsilon: 0.1 }),
  Softmax: ({ b, x, draw }) => b.op('Softmax', [x], { axis: [1, 2, 3, -1][draw(4)]! }),
};
