/** @file Operators of ONNX Runtime (`com.microsoft`) that its optimizer writes into models. */

import { type AttributeNames, type Operator, WINDOWS } from './operator.ts';

/** Operators on quantized numbers. */
const QUANTIZED = `
  ConvInteger DequantizeBFP DequantizeLinear DequantizeWithOrder DynamicQuantizeLSTM DynamicQuantizeLinear
  DynamicQuantizeMatMul GatherBlockQuantized MatMulBlockQuantizedFp4Weight MatMulBlockQuantizedFp8Weight MatMulBnb4
  MatMulFpQ4 MatMulInteger MatMulInteger16 MatMulIntegerToFloat MatMulNBits MatMulNBitsMlp MatMulNBitsQkv QAttention
  QEmbedLayerNormalization QGemm QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool
  QLinearLeakyRelu QLinearMatMul QLinearMul QLinearReduceMean QLinearSigmoid QLinearSoftmax QLinearWhere QMoE
  QOrderedAttention QOrderedGelu QOrderedLayerNormalization QOrderedLongformerAttention QOrderedMatMul QuantizeBFP
  QuantizeLinear QuantizeWithOrder`;

/** The attributes of those that have some, and a gradient. */
const ATTRIBUTES: Readonly<Record<string, AttributeNames & Pick<Operator, 'ranges'>>> = {
  DequantizeLinear: { int: 'axis', ranges: { axis: [-64, 63] } },
  MatMulNBits: { int: 'K N accuracy_level bits block_size weight_prepacked' },
  QGemm: { int: 'transA transB', float: 'alpha' },
  QLinearAveragePool: {
    int: 'ceil_mode channels_last count_include_pad',
    string: 'auto_pad',
    ints: 'kernel_shape pads strides',
  },
  // Its first input is a scale.
  QLinearConcat: { int: 'axis', ranges: { axis: [-64, 63] } },
  QLinearGlobalAveragePool: { int: 'channels_last' },
  QLinearLeakyRelu: { float: 'alpha' },
  QLinearSoftmax: { int: 'axis opset' },
  QuantizeLinear: { int: 'axis', ranges: { axis: [-64, 63] } },
};

export const CONTRIB: Readonly<Record<string, Operator>> = {
  SimplifiedLayerNormalization: { since: 1, int: 'axis stash_type', float: 'epsilon' },
  'com.microsoft.BiasGelu': { since: 1 },
  'com.microsoft.FastGelu': { since: 1 },
  'com.microsoft.FusedConv': {
    since: 1,
    int: 'group',
    string: 'activation auto_pad',
    ints: WINDOWS.ints,
    floats: 'activation_params',
  },
  'com.microsoft.FusedGemm': {
    since: 1,
    int: 'transA transB',
    float: 'activation_alpha activation_beta activation_gamma alpha beta',
    string: 'activation',
  },
  'com.microsoft.FusedMatMul': { since: 1, int: 'transA transB transBatchA transBatchB', float: 'alpha' },
  'com.microsoft.Gelu': { since: 1 },
  'com.microsoft.QuickGelu': { since: 1, float: 'alpha' },
  'com.microsoft.SkipLayerNormalization': { since: 1, float: 'epsilon' },
  ...Object.fromEntries(
    QUANTIZED.trim()
      .split(/\s+/)
      .map((name) => [`com.microsoft.${name}`, { ...ATTRIBUTES[name], since: 1, quantized: true }]),
  ),
};
