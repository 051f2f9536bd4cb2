/** @file Which operators are standard ONNX, and which ones a graph may contain. */

import { QuantizedModelError, UnknownOperatorError } from '../errors.ts';
import type { Model } from '../model/model.ts';

/** The newest opset that ONNX Runtime 1.30 reads. */
export const NEWEST_OPSET = 26;

/** All operators of the standard up to that opset. */
const STANDARD: ReadonlySet<string> = new Set(
  `
  Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization
  Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu
  CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger
  ConvTranspose Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
  DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND
  Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization
  HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If ImageDecoder InstanceNormalization IsInf
  IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul
  MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul
  Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement
  OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal
  RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
  ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize
  ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu SequenceAt
  SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid
  Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence
  Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan Tanh TensorScatter TfIdfVectorizer
  ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor
`
    .trim()
    .split(/\s+/),
);

/** Operators on quantized numbers. */
const QUANTIZED =
  /^(com\.microsoft\.)?(QLinear\w+|QGemm|QAttention|QMoE|QEmbed\w+|QOrdered\w+|ConvInteger\w*|MatMulInteger\w*|DynamicQuantize\w+|Dequantize\w+|QuantizeLinear|MatMulNBits|MatMulBnb4)$/;

/**
 * Rejects models with operators that cannot be handled.
 *
 * @param isKnown whether an operator outside the standard is supported
 * @throws QuantizedModelError if the model computes with quantized numbers
 * @throws UnknownOperatorError if it has operators that are neither standard nor supported
 */
export function checkOperators({ graph }: Model, isKnown: (opType: string) => boolean): void {
  const named = graph.nodes.map(({ opType, name }) => ({ opType, node: name, why: '' }));
  const quantized = named.filter(({ opType }) => QUANTIZED.test(opType));
  if (quantized.length > 0) throw new QuantizedModelError(quantized);
  const unknown = named.filter(({ opType }) => !STANDARD.has(opType) && !isKnown(opType));
  if (unknown.length > 0) throw new UnknownOperatorError(unknown);
}
