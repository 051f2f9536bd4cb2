/** @file Operators of layers: convolutions, pools, products, normalizations, reductions. */

import { type Operator, WINDOWS } from './operator.ts';
import { AXES, AXIS } from './ranges.ts';

const REDUCTION = { int: 'keepdims noop_with_empty_axes', before18: { ints: 'axes' }, inputs: { 1: AXES } } as const;
const RECURRENCE = {
  float: 'clip',
  string: 'direction',
  floats: 'activation_alpha activation_beta',
  strings: 'activations',
} as const;

export const LAYERS: Readonly<Record<string, Operator>> = {
  // Convolution.
  Col2Im: { since: 18, ints: 'dilations pads strides' },
  Conv: { since: 1, family: 'images', int: 'group', ...WINDOWS },
  ConvTranspose: {
    since: 1,
    family: 'images',
    int: 'group',
    string: 'auto_pad',
    ints: 'dilations kernel_shape output_padding output_shape pads strides',
  },
  DeformConv: { since: 19, int: 'group offset_group', ints: 'dilations kernel_shape pads strides' },

  // Pooling.
  AveragePool: { since: 1, family: 'images', int: 'ceil_mode count_include_pad', ...WINDOWS },
  GlobalAveragePool: { since: 1, family: 'images' },
  GlobalLpPool: { since: 1, runtimeUntil: 21, family: 'images', int: 'p' },
  GlobalMaxPool: { since: 1, family: 'images' },
  LpPool: { since: 1, family: 'images', int: 'ceil_mode p', ...WINDOWS },
  MaxPool: { since: 1, family: 'images', int: 'ceil_mode storage_order', ...WINDOWS },
  MaxRoiPool: { since: 1, float: 'spatial_scale', ints: 'pooled_shape' },
  MaxUnpool: { since: 9, ints: 'kernel_shape pads strides' },
  RoiAlign: {
    since: 10,
    int: 'output_height output_width sampling_ratio',
    float: 'spatial_scale',
    string: 'coordinate_transformation_mode mode',
  },

  // Products.
  Det: { since: 11 },
  Einsum: { since: 12, string: 'equation' },
  Gemm: { since: 1, int: 'transA transB', float: 'alpha beta' },
  MatMul: { since: 1 },

  // Normalization.
  BatchNormalization: {
    since: 1,
    family: 'images',
    int: 'training_mode',
    float: 'epsilon momentum',
    before18: { int: 'spatial' },
  },
  GroupNormalization: { since: 18, family: 'images', int: 'num_groups stash_type', float: 'epsilon' },
  Hardmax: { since: 1, family: 'alongAxis', axis: -1, keepsShape: true, flat: true, int: 'axis' },
  InstanceNormalization: { since: 1, family: 'images', float: 'epsilon' },
  LRN: { since: 1, family: 'images', keepsShape: true, int: 'size', float: 'alpha beta bias' },
  LayerNormalization: { since: 17, family: 'fromAxis', int: 'axis stash_type', float: 'epsilon' },
  LogSoftmax: { since: 1, family: 'alongAxis', axis: -1, keepsShape: true, int: 'axis' },
  LpNormalization: { since: 1, family: 'alongAxis', axis: -1, keepsShape: true, int: 'axis p' },
  MeanVarianceNormalization: { since: 9, keepsShape: true, ints: 'axes' },
  RMSNormalization: { since: 23, family: 'fromAxis', keepsShape: true, int: 'axis stash_type', float: 'epsilon' },
  Softmax: { since: 1, family: 'alongAxis', axis: -1, keepsShape: true, int: 'axis' },

  // Reduction.
  ArgMax: { since: 1, family: 'alongAxis', axis: 0, flat: true, int: 'axis keepdims select_last_index' },
  ArgMin: { since: 1, family: 'alongAxis', axis: 0, flat: true, int: 'axis keepdims select_last_index' },
  CumProd: { since: 26, int: 'exclusive reverse', inputs: { 1: AXIS } },
  CumSum: { since: 11, keepsShape: true, int: 'exclusive reverse', inputs: { 1: AXIS } },
  ReduceL1: { since: 1, family: 'reduction', ...REDUCTION },
  ReduceL2: { since: 1, family: 'reduction', ...REDUCTION },
  ReduceLogSum: { since: 1, family: 'reduction', ...REDUCTION },
  ReduceLogSumExp: { since: 1, family: 'reduction', ...REDUCTION },
  ReduceMax: { since: 1, family: 'reduction', keepsOne: true, ...REDUCTION },
  ReduceMean: { since: 1, family: 'reduction', keepsOne: true, ...REDUCTION },
  ReduceMin: { since: 1, family: 'reduction', keepsOne: true, ...REDUCTION },
  ReduceProd: { since: 1, family: 'reduction', keepsOne: true, ...REDUCTION },
  ReduceSum: { since: 1, family: 'reduction', keepsOne: true, ...REDUCTION },
  ReduceSumSquare: { since: 1, family: 'reduction', ...REDUCTION },

  // Attention, recurrence, losses.
  Attention: {
    since: 23,
    int: 'is_causal kv_num_heads q_num_heads qk_matmul_output_mode softmax_precision',
    float: 'scale softcap',
  },
  GRU: { ...RECURRENCE, since: 1, int: 'hidden_size layout linear_before_reset' },
  LSTM: { ...RECURRENCE, since: 1, int: 'hidden_size input_forget layout' },
  NegativeLogLikelihoodLoss: { since: 12, int: 'ignore_index', string: 'reduction' },
  RNN: { ...RECURRENCE, since: 1, int: 'hidden_size layout' },
  RotaryEmbedding: { since: 23, int: 'interleaved num_heads rotary_embedding_dim' },
  SoftmaxCrossEntropyLoss: { since: 12, int: 'ignore_index', string: 'reduction' },
  TensorScatter: { since: 24, int: 'axis', string: 'mode' },
};
