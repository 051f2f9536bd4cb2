/** @file Blocks of which image classifiers are made, with kinks wherever they fall. */

import type { Shape, Step, StepContext } from '../composition/step.ts';

/** A parameter of weights whose products stay of the size of what they are multiplied by. */
function weights({ parameter }: StepContext, dims: readonly number[], fanIn: number): string {
  const bound = Math.sqrt(3 / fanIn);
  return parameter(dims, -bound, bound);
}

/** A convolution that keeps height and width, unless it has strides. */
function convolution(
  context: StepContext,
  x: string,
  channels: number,
  to: number,
  { size = 3, group = 1, strides = [1, 1] }: { size?: number; group?: number; strides?: readonly number[] } = {},
): string {
  const { b, parameter, draw } = context;
  const inner = channels / group;
  const bias = draw(2) === 0 ? [] : [parameter([to])];
  const pad = (size - 1) / 2;
  return b.op('Conv', [x, weights(context, [to, inner, size, size], inner * size * size), ...bias], {
    kernel_shape: [size, size],
    pads: [pad, pad, pad, pad],
    strides,
    group,
  });
}

function batchNormalization({ b, parameter }: StepContext, x: string, channels: number): string {
  const one = [channels];
  const [scale, bias, mean] = [parameter(one, 0.5, 1.5), parameter(one), parameter(one)];
  return b.op('BatchNormalization', [x, scale, bias, mean, parameter(one, 0.5, 1.5)]);
}

/** One of the usual activations. */
function activation({ b, draw }: StepContext, x: string): string {
  const forms = [
    () => b.op('Relu', [x]),
    () => b.op('Clip', [x, b.scalar(0), b.scalar(1.5)]),
    () => b.op('LeakyRelu', [x], { alpha: 0.1 }),
    () => b.op('HardSwish', [x]),
    () => b.op('Mul', [x, b.op('Sigmoid', [x])]),
    () => gelu(b, x),
    () => b.op('Elu', [x]),
  ];
  return forms[draw(forms.length)]!();
}

/** GELU as exporters write it. */
function gelu(b: StepContext['b'], x: string): string {
  const half = b.op('Add', [b.op('Erf', [b.op('Div', [x, b.scalar(Math.SQRT2)])]), b.scalar(1)]);
  return b.op('Mul', [b.op('Mul', [x, half]), b.scalar(0.5)]);
}

function layerNormalization({ b, parameter }: StepContext, x: string, width: number): string {
  return b.op('LayerNormalization', [x, parameter([width], 0.5, 1.5), parameter([width])], { axis: -1, epsilon: 0.1 });
}

/** Images as rows of pixels, `N x HW x C`. */
function tokens({ b, x, shape }: StepContext): string {
  const [, channels, height, width] = shape;
  return b.op('Transpose', [b.op('Reshape', [x, b.ints([0, channels, height * width])])], { perm: [0, 2, 1] });
}

/** The reverse of {@link tokens}. */
function fromTokens(b: StepContext['b'], rows: string, channels: number, [, , height, width]: Shape): string {
  return b.op('Reshape', [b.op('Transpose', [rows], { perm: [0, 2, 1] }), b.ints([0, channels, height, width])]);
}

/** Scaled products of tokens with each other (Vaswani et al. 2017), with one head or two. */
const attention: Step = (context) => {
  const { b, shape, draw } = context;
  const [, channels, height, width] = shape;
  const heads = 1 + draw(2);
  const depth = 2 * heads;
  const rows = layerNormalization(context, tokens(context), channels);
  const split = (): string => {
    const projected = b.op('MatMul', [rows, weights(context, [channels, depth], channels)]);
    const parts = b.op('Reshape', [projected, b.ints([0, height * width, heads, depth / heads])]);
    return b.op('Transpose', [parts], { perm: [0, 2, 1, 3] });
  };
  const [query, key, value] = [split(), split(), split()];
  const products = b.op('MatMul', [query, b.op('Transpose', [key], { perm: [0, 1, 3, 2] })]);
  const attended = b.op('Softmax', [b.op('Mul', [products, b.scalar(1 / Math.sqrt(2))])], { axis: -1 });
  const mixed = b.op('Transpose', [b.op('MatMul', [attended, value])], { perm: [0, 2, 1, 3] });
  const joined = b.op('Reshape', [mixed, b.ints([0, height * width, depth])]);
  return fromTokens(b, b.op('MatMul', [joined, weights(context, [depth, channels], depth)]), channels, shape);
};

/** The two layers behind an attention, with their normalization in front. */
const perceptron: Step = (context) => {
  const { b, shape, parameter } = context;
  const channels = shape[1];
  const wide = 2 * channels;
  const rows = layerNormalization(context, tokens(context), channels);
  const hidden = b.op('Add', [b.op('MatMul', [rows, weights(context, [channels, wide], channels)]), parameter([wide])]);
  const back = b.op('MatMul', [gelu(b, hidden), weights(context, [wide, channels], wide)]);
  return fromTokens(b, back, channels, shape);
};

/** A pool with kernels, strides and pads that fit. */
const pool =
  (opType: string): Step =>
  ({ b, x, shape, draw }) => {
    const kernel = [Math.min(shape[2], 2 + draw(2)), Math.min(shape[3], 2 + draw(2))];
    const pads = [...kernel, ...kernel].map((length) => Math.min(draw(2), length - 1));
    const more = opType === 'AveragePool' ? { count_include_pad: draw(2) } : {};
    return b.op(opType, [x], { kernel_shape: kernel, strides: [1 + draw(2), 1 + draw(2)], pads, ...more });
  };

/** All blocks by name; each keeps or changes channels, height and width. */
export const BLOCKS: Readonly<Record<string, Step>> = {
  convolution: (context) => {
    const { x, shape, draw } = context;
    const to = 1 + draw(5);
    const size = [1, 3, 5][draw(3)]!;
    const y = convolution(context, x, shape[1], to, { size, strides: [1 + draw(2), 1 + draw(2)] });
    return activation(context, draw(2) === 0 ? y : batchNormalization(context, y, to));
  },
  'convolution to eight channels': (context) =>
    activation(context, convolution(context, context.x, context.shape[1], 8)),
  'convolution behind its activation': (context) => {
    const { x, shape } = context;
    return convolution(context, activation(context, batchNormalization(context, x, shape[1])), shape[1], shape[1]);
  },
  'inverted residual': (context) => {
    const { b, x, shape } = context;
    const [channels, wide] = [shape[1], 2 * shape[1]];
    const opened = activation(
      context,
      batchNormalization(context, convolution(context, x, channels, wide, { size: 1 }), wide),
    );
    const deep = activation(context, convolution(context, opened, wide, wide, { group: wide }));
    return b.op('Add', [
      x,
      batchNormalization(context, convolution(context, deep, wide, channels, { size: 1 }), channels),
    ]);
  },
  'squeeze and excitation': (context) => {
    const { b, x, shape, draw } = context;
    const means =
      draw(2) === 0 ? b.op('GlobalAveragePool', [x]) : b.op('ReduceMean', [x, b.ints([2, 3])], { keepdims: 1 });
    const inner = b.op('Relu', [convolution(context, means, shape[1], 2, { size: 1 })]);
    const gates = convolution(context, inner, 2, shape[1], { size: 1 });
    return b.op('Mul', [x, draw(2) === 0 ? b.op('Sigmoid', [gates]) : b.op('HardSigmoid', [gates])]);
  },
  'dense layer': (context) => {
    const { b, x, shape } = context;
    return b.op('Concat', [x, activation(context, convolution(context, x, shape[1], 2))], { axis: 1 });
  },
  'fire module': (context) => {
    const { b, x, shape } = context;
    const squeezed = b.op('Relu', [convolution(context, x, shape[1], 2, { size: 1 })]);
    const narrow = b.op('Relu', [convolution(context, squeezed, 2, 2, { size: 1 })]);
    return b.op('Concat', [narrow, b.op('Relu', [convolution(context, squeezed, 2, 2)])], { axis: 1 });
  },
  'shuffled groups': (context) => {
    const { b, x, shape } = context;
    const [, , height, width] = shape;
    const four = convolution(context, x, shape[1], 4, { size: 1 });
    const parts = b.op('Reshape', [four, b.ints([0, 2, 2, height, width])]);
    const shuffled = b.op('Reshape', [
      b.op('Transpose', [parts], { perm: [0, 2, 1, 3, 4] }),
      b.ints([0, 4, height, width]),
    ]);
    return activation(context, convolution(context, shuffled, 4, 4, { group: 2 }));
  },
  attention,
  perceptron,
  'max pool': pool('MaxPool'),
  'average pool': pool('AveragePool'),
  'group normalization': (context) => {
    const { b, shape, parameter, opset } = context;
    const four = convolution(context, context.x, shape[1], 4, { size: 1 });
    const length = [opset < 21 ? 2 : 4];
    const y = b.op('GroupNormalization', [four, parameter(length, 0.5, 1.5), parameter(length)], {
      num_groups: 2,
      epsilon: 0.1,
    });
    return activation(context, y);
  },
  upsampling: (context) => {
    const { b, x, shape, draw } = context;
    if (draw(2) === 0) {
      const scales = b.constant({ type: 'float32', dims: [4], data: Float32Array.of(1, 1, 2, 2) });
      const large = b.op('Resize', [x, '', scales], { mode: ['nearest', 'linear'][draw(2)]! });
      return convolution(context, large, shape[1], 2);
    }
    const kernel = weights(context, [shape[1], 2, 2, 2], shape[1]);
    return b.op('ConvTranspose', [x, kernel], { kernel_shape: [2, 2], strides: [2, 2] });
  },
};
