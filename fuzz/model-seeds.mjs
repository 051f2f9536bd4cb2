/** @file Small sound classifiers of many kinds, to be changed: each operator in front of a fully connected layer. */

import { GraphBuilder, writeModel } from '@pareidolia/autodiff';

const wave = (length, phase = 0) => Float32Array.from({ length }, (_, at) => Math.sin(at * 1.3 + phase) / 3);
const weights = (b, ...dims) =>
  b.constant({ type: 'float32', dims, data: wave(dims.reduce((product, dim) => product * dim, 1)) });
const bytes = (b, type, values) =>
  b.constant({
    type,
    dims: values.length === 1 ? [] : [values.length],
    data: type === 'int8' ? Int8Array.from(values) : Uint8Array.from(values),
  });

/** What is between the images `N x 1 x 8 x 8` and the last layer, by name. */
const LAYERS = {
  mlp: (b, x) => b.op('Relu', [b.op('MatMul', [b.op('Flatten', [x]), weights(b, 64, 16)])]),
  conv: (b, x) =>
    b.op(
      'MaxPool',
      [
        b.op('Relu', [
          b.op('Conv', [x, weights(b, 4, 1, 3, 3), weights(b, 4)], {
            kernel_shape: [3, 3],
            pads: [1, 1, 1, 1],
            strides: [1, 1],
            dilations: [1, 1],
            group: 1,
          }),
        ]),
      ],
      { kernel_shape: [2, 2], strides: [2, 2] },
    ),
  deconv: (b, x) => b.op('ConvTranspose', [x, weights(b, 1, 2, 2, 2)], { kernel_shape: [2, 2], strides: [2, 2] }),
  pools: (b, x) =>
    b.op(
      'Concat',
      [
        b.op('AveragePool', [x], { kernel_shape: [2, 2], ceil_mode: 1 }),
        b.op('LpPool', [x], { kernel_shape: [2, 2], p: 2 }),
      ],
      { axis: 1 },
    ),
  norm: (b, x) =>
    b.op('BatchNormalization', [
      b.op('LRN', [b.op('InstanceNormalization', [x, weights(b, 1), weights(b, 1)])], { size: 3, alpha: 0.1 }),
      weights(b, 1),
      weights(b, 1),
      weights(b, 1),
      b.constant({ type: 'float32', dims: [1], data: Float32Array.of(1) }),
    ]),
  layerNorm: (b, x) => b.op('LayerNormalization', [x, weights(b, 8), weights(b, 8)], { axis: -1 }),
  resize: (b, x) =>
    b.op('Resize', [x, '', b.constant({ type: 'float32', dims: [4], data: Float32Array.of(1, 1, 2, 0.5) })], {
      mode: 'linear',
    }),
  resizeTo: (b, x) => b.op('Resize', [x, '', '', b.ints([6, 6])], { axes: [2, 3], mode: 'nearest' }),
  pad: (b, x) => b.op('Pad', [x, b.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' }),
  move: (b, x) =>
    b.op('Slice', [
      b.op('Transpose', [b.op('SpaceToDepth', [x], { blocksize: 2 })], { perm: [0, 2, 3, 1] }),
      b.ints([0]),
      b.ints([3]),
      b.ints([1]),
      b.ints([2]),
    ]),
  depth: (b, x) =>
    b.op('DepthToSpace', [b.op('Conv', [x, weights(b, 4, 1, 1, 1)], { kernel_shape: [1, 1] })], { blocksize: 2 }),
  split: (b, x) => b.op('Add', b.ops('Split', [x], 2, { axis: 2, num_outputs: 2 })),
  gather: (b, x) => b.op('Gather', [x, b.ints([0, 2, -1])], { axis: 2 }),
  gatherND: (b, x) =>
    b.op(
      'GatherND',
      [
        x,
        b.op('Expand', [
          b.constant({ type: 'int64', dims: [1, 1, 2], data: BigInt64Array.of(0n, 1n) }),
          b.op('Concat', [b.op('Gather', [b.op('Shape', [x]), b.ints([0])]), b.ints([1, 2])], { axis: 0 }),
        ]),
      ],
      { batch_dims: 1 },
    ),
  tile: (b, x) =>
    b.op('Tile', [
      b.op('Unsqueeze', [b.op('ReduceMean', [x, b.ints([3])], { keepdims: 0 }), b.ints([1])]),
      b.ints([1, 2, 1, 1]),
    ]),
  table: (b, x) =>
    b.op('Add', [
      x,
      b.op(
        'Cast',
        [
          b.op(
            'ReduceSum',
            [
              b.op('Range', [
                b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(0n) }),
                b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(9n) }),
                b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(2n) }),
              ]),
            ],
            { keepdims: 0 },
          ),
        ],
        { to: 1 },
      ),
    ]),
  hot: (b, x) =>
    b.op('Mul', [
      x,
      b.op(
        'OneHot',
        [
          b.op('ArgMax', [x], { axis: 3, keepdims: 0 }),
          b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(8n) }),
          b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) }),
        ],
        { axis: -1 },
      ),
    ]),
  filled: (b, x) => b.op('Add', [x, b.op('ConstantOfShape', [b.ints([1, 1, 8, 8])])]),
  whole: (b, x) => {
    const large = b.op('Cast', [b.op('Mul', [x, b.scalar(50)])], { to: 7 });
    const few = (value) => b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(value) });
    return b.op('Cast', [b.op('Add', [b.op('Div', [large, few(3n)]), b.op('Mod', [large, few(5n)])])], { to: 1 });
  },
  topK: (b, x) => b.ops('TopK', [x, b.ints([3])], 2, { axis: -1 })[0],
  attention: (b, x) => {
    const rows = b.op('Reshape', [x, b.ints([0, 8, 8])]);
    return b.op('MatMul', [
      b.op('Softmax', [b.op('MatMul', [rows, b.op('Transpose', [rows], { perm: [0, 2, 1] })])], { axis: -1 }),
      rows,
    ]);
  },
  einsum: (b, x) =>
    b.op('Einsum', [b.op('Reshape', [x, b.ints([0, 8, 8])]), weights(b, 8, 3)], { equation: 'nij,jk->nik' }),
  recurrent: (b, x) => {
    const rows = b.op('Transpose', [b.op('Reshape', [x, b.ints([0, 8, 8])])], { perm: [1, 0, 2] });
    const [, last] = b.ops('GRU', [rows, weights(b, 1, 12, 8), weights(b, 1, 12, 4)], 2, { hidden_size: 4 });
    return b.op('Transpose', [last], { perm: [1, 0, 2] });
  },
  lastState: (b, x) =>
    b.op(
      'Transpose',
      [
        b.ops(
          'LSTM',
          [
            b.op('Transpose', [b.op('Reshape', [x, b.ints([0, 8, 8])])], { perm: [1, 0, 2] }),
            weights(b, 1, 16, 8),
            weights(b, 1, 16, 4),
          ],
          3,
          { hidden_size: 4 },
        )[1],
      ],
      { perm: [1, 0, 2] },
    ),
  sample: (b, x) =>
    b.op('GridSample', [x, b.op('Transpose', [b.op('Concat', [x, x], { axis: 1 })], { perm: [0, 2, 3, 1] })], {
      mode: 'bilinear',
    }),
  cumulated: (b, x) => b.op('CumSum', [x, b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(2n) })]),
  quantized: (b, x) =>
    b.op('DequantizeLinear', [
      b.op('QuantizeLinear', [x, b.scalar(0.05), bytes(b, 'uint8', [128])]),
      b.scalar(0.05),
      bytes(b, 'uint8', [128]),
    ]),
  random: (b, x) => b.op('Add', [x, b.op('RandomNormalLike', [x], { scale: 0.01 })]),
  chosen: (b, x) =>
    b.op('Where', [
      b.op('Less', [x, b.scalar(0.5)]),
      b.op('Clip', [x, b.scalar(0), b.scalar(1)]),
      b.op('PRelu', [x, weights(b, 1)]),
    ]),
};

/** The names of the seeds. */
export const SEEDS = Object.keys(LAYERS);

/** @returns {Uint8Array} a model of the layers of that name, in front of five classes */
export function seedModel(name) {
  const b = new GraphBuilder(name);
  const x = b.input('x', 'float32', ['N', 1, 8, 8]);
  const last = b.op('Flatten', [LAYERS[name](b, x)]);
  const width = b.shape(last)[1];
  b.output(b.op('Gemm', [last, weights(b, Number(width), 5), weights(b, 5)], {}, 'scores'));
  return writeModel(b.build());
}
