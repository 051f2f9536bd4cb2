/** @file A small example of each operator with a gradient rule, to test all of them on a device. */

import type { Attributes, GraphBuilder } from '../builder/builder.ts';
import type { Subject } from './finite-differences.ts';
import { apart, type Sample, sample } from './samples.ts';
import { addUpgraded, writtenNode } from './upgraded.ts';

/** Images, two of four channels. */
const IMAGES = [2, 4, 6, 6] as const;

/** An operator on x alone. */
function unary(opType: string, [low, high]: readonly [number, number] = [-1, 1], attributes: Attributes = {}): Subject {
  return { operands: { x: sample(1, IMAGES, low, high) }, build: (b) => b.op(opType, ['x'], attributes) };
}

/** An operator on x and y, where y is the same for all of a channel. */
function binary(opType: string, low = 0.5): Subject {
  return {
    operands: { x: sample(1, IMAGES, low, 2), y: sample(2, [4, 1, 1], low, 2) },
    build: (b) => b.op(opType, ['x', 'y']),
  };
}

/** An operator on x whose further inputs are constants. */
function moved(opType: string, more: (b: GraphBuilder) => readonly string[], attributes: Attributes = {}): Subject {
  return { operands: { x: apart(1, IMAGES) }, build: (b) => b.op(opType, ['x', ...more(b)], attributes) };
}

const none = (): readonly string[] => [];

/** A reduction of the image axes; far from zero and from one another. */
function reduction(opType: string): Subject {
  return {
    operands: { x: { ...apart(1, IMAGES), data: apart(1, IMAGES, 2 ** -9).data.map((value) => value + 1.5) } },
    build: (b) => b.op(opType, ['x', b.ints([2, 3])], { keepdims: 0 }),
  };
}

/** An operator on x with float parameters of given shapes. */
function parametric(
  opType: string,
  parameters: readonly (readonly number[])[],
  attributes: Attributes = {},
  dims: readonly number[] = IMAGES,
): Subject {
  const more = parameters.map((shape, index): [string, Sample] => [`p${index}`, sample(10 + index, shape, 0.2, 1)]);
  const operands = Object.fromEntries([['x', sample(1, dims)], ...more]);
  return { operands, build: (b) => b.op(opType, Object.keys(operands), attributes) };
}

/** The same with the parameters written into the graph, as they are in a network. */
function fixed(subject: Subject): Subject {
  const constants = Object.keys(subject.operands).filter((name) => name !== 'x');
  return { ...subject, constants, open: ['x'] };
}

/** A pool, where no two elements of x are alike. */
function pool(opType: string, attributes: Attributes = {}, dims: readonly number[] = IMAGES): Subject {
  return { operands: { x: apart(1, dims) }, open: ['x'], build: (b) => b.op(opType, ['x'], attributes) };
}

const places = (b: GraphBuilder, dims: readonly number[], values: readonly number[]): string =>
  b.constant({ type: 'int64', dims, data: BigInt64Array.from(values, BigInt) });

const resized = (mode: string): Subject =>
  moved(
    'Resize',
    (b) => ['', b.constant({ type: 'float32', dims: [4], data: Float32Array.of(1, 1, 2, 2) })],
    mode === 'nearest'
      ? { mode, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
      : { mode, coordinate_transformation_mode: 'half_pixel' },
  );

/** A recurrent layer of 5 units in both directions over 3 steps, as it is unrolled. */
function recurrent(opType: string, gates: number): Subject {
  const operands = {
    x: sample(1, [3, 2, 4]),
    w: sample(2, [2, 5 * gates, 4]),
    r: sample(3, [2, 5 * gates, 5]),
    bias: sample(4, [2, 10 * gates]),
  };
  const attributes = { hidden_size: ['int', 5], direction: ['string', 'bidirectional'] } as const;
  return {
    operands,
    build: (b) => addUpgraded(b, writtenNode(opType, Object.keys(operands), ['y'], attributes))[0]!,
  };
}

/** By operator; the rest of the name says which form of it. */
export const RULE_SAMPLES: Readonly<Record<string, Subject>> = {
  Abs: { operands: { x: apart(1, IMAGES) }, build: (b) => b.op('Abs', ['x']) },
  Acos: unary('Acos', [-0.8, 0.8]),
  Acosh: unary('Acosh', [1.2, 3]),
  Add: binary('Add'),
  Asin: unary('Asin', [-0.8, 0.8]),
  Asinh: unary('Asinh'),
  Atan: unary('Atan'),
  Atanh: unary('Atanh', [-0.8, 0.8]),
  AveragePool: pool('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }),
  'AveragePool without its padding': pool('AveragePool', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  BatchNormalization: parametric('BatchNormalization', [[4], [4], [4], [4]]),
  Cast: unary('Cast', [-1, 1], { to: 1 }),
  CastLike: { operands: { x: sample(1, IMAGES) }, build: (b) => b.op('CastLike', ['x', b.scalar(1)]) },
  Celu: unary('Celu', [-2, 2], { alpha: 1.5 }),
  Clip: moved('Clip', (b) => [b.scalar(-1), b.scalar(1)]),
  'Clip with bounds that are no binary fractions': moved('Clip', (b) => [b.scalar(-0.3), b.scalar(0.7)]),
  Concat: { ...binary('Add'), build: (b) => b.op('Concat', ['x', 'x'], { axis: 1 }), wrt: ['x'] },
  Conv: parametric('Conv', [[8, 4, 3, 3], [8]], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  'Conv with constant weights': fixed(
    parametric('Conv', [[8, 4, 3, 3], [8]], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  ),
  'Conv with strides': fixed(
    parametric('Conv', [[8, 4, 3, 3]], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 0, 0] }),
  ),
  'Conv of each channel by itself': parametric('Conv', [[4, 1, 3, 3]], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    group: 4,
  }),
  'Conv of each channel by itself with constant weights': fixed(
    parametric('Conv', [[4, 1, 3, 3]], { kernel_shape: [3, 3], strides: [2, 2], group: 4 }),
  ),
  'Conv with dilations': parametric('Conv', [[4, 4, 2, 2]], { kernel_shape: [2, 2], dilations: [2, 3] }),
  'Conv of one axis': parametric('Conv', [[4, 4, 3], [4]], { kernel_shape: [3], strides: [2] }, [2, 4, 9]),
  ConvTranspose: parametric('ConvTranspose', [[4, 3, 3, 3], [3]], { kernel_shape: [3, 3], strides: [2, 2] }),
  Cos: unary('Cos'),
  Cosh: unary('Cosh'),
  CumSum: moved('CumSum', (b) => [places(b, [], [2])]),
  DepthToSpace: moved('DepthToSpace', none, { blocksize: 2, mode: 'DCR' }),
  Div: binary('Div'),
  Dropout: unary('Dropout'),
  Einsum: parametric('Einsum', [[5, 4]], { equation: 'nchw,oc->nohw' }),
  'Einsum of diagonals': {
    operands: { x: sample(1, [3, 4, 4]) },
    build: (b) => b.op('Einsum', ['x'], { equation: 'bii->bi' }),
  },
  Elu: unary('Elu', [-2, 2], { alpha: 0.75 }),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Expand: moved('Expand', (b) => [b.ints([3, 2, 4, 6, 6])]),
  Flatten: unary('Flatten'),
  Gather: moved('Gather', (b) => [places(b, [3], [2, 0, 2])], { axis: 1 }),
  GatherElements: moved(
    'GatherElements',
    (b) => [
      places(
        b,
        [2, 4, 1, 6],
        Array.from({ length: 48 }, (_, i) => i % 6),
      ),
    ],
    {
      axis: 2,
    },
  ),
  GatherND: moved('GatherND', (b) => [places(b, [2, 2], [0, 1, 1, 3])]),
  Gelu: unary('Gelu', [-2, 2]),
  Gemm: {
    operands: { x: sample(1, [3, 5]), y: sample(2, [4, 5]), z: sample(3, [4]) },
    build: (b) => b.op('Gemm', ['x', 'y', 'z'], { transB: 1, alpha: 0.5, beta: 2 }),
  },
  GlobalAveragePool: pool('GlobalAveragePool'),
  GlobalLpPool: pool('GlobalLpPool', { p: 2 }),
  GlobalMaxPool: pool('GlobalMaxPool'),
  GroupNormalization: parametric('GroupNormalization', [[2], [2]], { num_groups: 2 }),
  GridSample: {
    operands: { x: sample(1, IMAGES), y: sample(2, [2, 3, 5, 2], -1.2, 1.2) },
    build: (b) => b.op('GridSample', ['x', 'y'], { mode: 'bilinear' }),
  },
  'GridSample that mirrors': {
    operands: { x: sample(1, IMAGES), y: sample(2, [2, 3, 5, 2], -1.8, 1.8) },
    build: (b) => b.op('GridSample', ['x', 'y'], { mode: 'bilinear', padding_mode: 'reflection', align_corners: 1 }),
  },
  'GridSample of the nearest pixels': {
    operands: { x: sample(1, IMAGES), y: sample(2, [2, 3, 5, 2], -1.2, 1.2) },
    build: (b) => b.op('GridSample', ['x', 'y'], { mode: 'nearest', padding_mode: 'border' }),
  },
  GRU: recurrent('GRU', 3),
  HardSigmoid: unary('HardSigmoid', [-4, 4]),
  HardSwish: unary('HardSwish', [-4, 4]),
  Identity: unary('Identity'),
  InstanceNormalization: parametric('InstanceNormalization', [[4], [4]]),
  LRN: unary('LRN', [-1, 1], { size: 3, alpha: 0.5 }),
  LSTM: recurrent('LSTM', 4),
  LayerNormalization: parametric('LayerNormalization', [[6], [6]], { axis: -1 }),
  LeakyRelu: { operands: { x: apart(1, IMAGES) }, build: (b) => b.op('LeakyRelu', ['x'], { alpha: 0.2 }) },
  Log: unary('Log', [0.2, 3]),
  LogSoftmax: unary('LogSoftmax', [-3, 3], { axis: 1 }),
  LpNormalization: unary('LpNormalization', [-1, 1], { axis: 1 }),
  LpPool: pool('LpPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  MatMul: {
    operands: { x: sample(1, [2, 3, 4, 5]), y: sample(2, [3, 5, 6]) },
    build: (b) => b.op('MatMul', ['x', 'y']),
  },
  Max: binary('Max'),
  MaxPool: pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }, [2, 8, 6, 6]),
  'MaxPool that overlaps': pool('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, [2, 8, 7, 7]),
  'MaxPool of few channels': pool('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, [2, 3, 6, 6]),
  'MaxPool after Relu': {
    operands: { x: apart(1, [2, 8, 6, 6]) },
    build: (b) => b.op('MaxPool', [b.op('Relu', ['x'])], { kernel_shape: [2, 2], strides: [2, 2] }),
  },
  Mean: binary('Mean'),
  MeanVarianceNormalization: unary('MeanVarianceNormalization'),
  Min: binary('Min'),
  Mish: unary('Mish', [-2, 2]),
  Mod: { ...binary('Mod'), build: (b) => b.op('Mod', ['x', 'y'], { fmod: 1 }), wrt: ['x'] },
  Mul: binary('Mul'),
  Neg: unary('Neg'),
  PRelu: { ...binary('PRelu'), operands: { x: apart(1, IMAGES), y: sample(2, [4, 1, 1], 0.1, 0.5) } },
  Pad: moved('Pad', (b) => [b.ints([0, 0, 1, 2, 0, 0, 0, 1])]),
  'Pad that mirrors': moved('Pad', (b) => [b.ints([0, 0, 1, 2, 0, 0, 0, 1])], { mode: 'reflect' }),
  Pow: { ...binary('Pow'), wrt: ['x'] },
  RMSNormalization: parametric('RMSNormalization', [[6]], { axis: -1 }),
  RNN: recurrent('RNN', 1),
  Reciprocal: unary('Reciprocal', [0.5, 2]),
  ReduceL1: reduction('ReduceL1'),
  ReduceL2: reduction('ReduceL2'),
  ReduceLogSum: reduction('ReduceLogSum'),
  ReduceLogSumExp: reduction('ReduceLogSumExp'),
  ReduceMax: { ...reduction('ReduceMax'), build: (b) => b.op('ReduceMax', ['x', b.ints([1])], { keepdims: 1 }) },
  ReduceMean: reduction('ReduceMean'),
  ReduceMin: { ...reduction('ReduceMin'), build: (b) => b.op('ReduceMin', ['x', b.ints([3])], { keepdims: 0 }) },
  ReduceProd: { ...reduction('ReduceProd'), build: (b) => b.op('ReduceProd', ['x', b.ints([2])], { keepdims: 0 }) },
  ReduceSum: reduction('ReduceSum'),
  ReduceSumSquare: reduction('ReduceSumSquare'),
  Relu: { operands: { x: apart(1, IMAGES) }, build: (b) => b.op('Relu', ['x']) },
  Reshape: moved('Reshape', (b) => [b.ints([2, 24, -1])]),
  Resize: resized('nearest'),
  'Resize by interpolation': resized('linear'),
  ReverseSequence: moved('ReverseSequence', (b) => [places(b, [2], [4, 3])], { batch_axis: 0, time_axis: 1 }),
  ScatterElements: {
    operands: { x: sample(1, IMAGES), y: sample(2, [2, 4, 1, 6]) },
    build: (b) =>
      b.op('ScatterElements', ['x', places(b, [2, 4, 1, 6], new Array<number>(48).fill(3)), 'y'], { axis: 2 }),
  },
  ScatterND: {
    operands: { x: sample(1, IMAGES), y: sample(2, [2, 6, 6]) },
    build: (b) => b.op('ScatterND', ['x', places(b, [2, 2], [0, 1, 1, 3]), 'y']),
  },
  Selu: unary('Selu', [-2, 2]),
  Shrink: unary('Shrink', [0.6, 2]),
  Sigmoid: unary('Sigmoid', [-4, 4]),
  Sin: unary('Sin'),
  Sinh: unary('Sinh'),
  Slice: moved('Slice', (b) => [b.ints([1]), b.ints([6]), b.ints([2]), b.ints([2])]),
  Softmax: unary('Softmax', [-3, 3], { axis: 1 }),
  Softplus: unary('Softplus', [-4, 4]),
  Softsign: unary('Softsign'),
  SpaceToDepth: moved('SpaceToDepth', none, { blocksize: 2 }),
  Split: {
    operands: { x: sample(1, IMAGES) },
    build: (b) => {
      const [first, second] = b.ops('Split', ['x', b.ints([2, 2])], 2, { axis: 1 });
      return b.op('Mul', [first!, second!]);
    },
  },
  Sqrt: unary('Sqrt', [0.2, 3]),
  Squeeze: { operands: { x: sample(1, [2, 1, 6]) }, build: (b) => b.op('Squeeze', ['x', b.ints([1])]) },
  Sub: binary('Sub'),
  Sum: { ...binary('Sum'), build: (b) => b.op('Sum', ['x', 'y', 'x']) },
  Swish: unary('Swish', [-4, 4]),
  Tan: unary('Tan'),
  Tanh: unary('Tanh', [-2, 2]),
  ThresholdedRelu: { operands: { x: apart(1, IMAGES) }, build: (b) => b.op('ThresholdedRelu', ['x'], { alpha: 0.3 }) },
  Tile: moved('Tile', (b) => [b.ints([1, 2, 1, 3])]),
  TopK: { operands: { x: apart(1, [2, 8]) }, build: (b) => b.ops('TopK', ['x', b.ints([3])], 2, { axis: 1 })[0]! },
  Transpose: moved('Transpose', none, { perm: [0, 2, 3, 1] }),
  Trilu: moved('Trilu', none, { upper: 0 }),
  Unsqueeze: moved('Unsqueeze', (b) => [b.ints([2])]),
  Where: {
    operands: { x: sample(1, IMAGES), y: sample(2, [4, 1, 1]) },
    build: (b) => b.op('Where', [b.op('Greater', ['x', b.scalar(0)]), 'x', 'y']),
  },
};
