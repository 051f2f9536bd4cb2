/**
 * @file Operators on quantized numbers: real = scale (integer - zero point) (Jacob et al. 2018, arXiv:1712.05877,
 * equation 1). Those of `com.microsoft` are what ONNX Runtime's quantizer writes.
 */

import type { DataType } from '../model/tensor.ts';
import { OPERATORS } from './table.ts';

/** Whether an operator computes with quantized numbers. */
export function isQuantized(opType: string): boolean {
  return OPERATORS.get(opType)?.quantized === true;
}

/** Whether an operator takes the range of its numbers from the whole batch, so that images influence each other. */
export function isDynamicallyQuantized(opType: string): boolean {
  return /^(com\.microsoft\.)?DynamicQuantize/.test(opType);
}

/** The least and the greatest number of the types that quantized numbers have. */
export const RANGES: Readonly<Partial<Record<DataType, readonly [low: number, high: number]>>> = {
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** What a quantized operator computes, in terms of an operator on real numbers. */
export interface QuantizedForm {
  /** The operator on real numbers; it has the same attributes. */
  readonly real: string;
  /** The inputs that take the place of its operands, among scales and zero points. */
  readonly operands: readonly number[];
  /**
   * The type of the output: that of the first operand, that of an input (a zero point; `float32` where it is left out),
   * or one that is always the same.
   */
  readonly result: 'operand' | number | DataType;
}

const ofOne = (real: string): QuantizedForm => ({ real, operands: [0], result: 'operand' });
const ofTwo = (real: string): QuantizedForm => ({ real, operands: [0, 3], result: 'operand' });

const FORMS: Readonly<Record<string, QuantizedForm>> = {
  ConvInteger: { real: 'Conv', operands: [0, 1], result: 'int32' },
  MatMulInteger: { real: 'MatMul', operands: [0, 1], result: 'int32' },
  QLinearConv: { real: 'Conv', operands: [0, 3], result: 7 },
  QLinearMatMul: { real: 'MatMul', operands: [0, 3], result: 7 },
  'com.microsoft.DynamicQuantizeMatMul': { real: 'MatMul', operands: [0, 1], result: 'float32' },
  'com.microsoft.MatMulIntegerToFloat': { real: 'MatMul', operands: [0, 1], result: 'float32' },
  'com.microsoft.QGemm': { real: 'Gemm', operands: [0, 3], result: 8 },
  'com.microsoft.QLinearAdd': ofTwo('Add'),
  'com.microsoft.QLinearAveragePool': ofOne('AveragePool'),
  'com.microsoft.QLinearGlobalAveragePool': ofOne('GlobalAveragePool'),
  'com.microsoft.QLinearLeakyRelu': ofOne('LeakyRelu'),
  'com.microsoft.QLinearMul': ofTwo('Mul'),
  'com.microsoft.QLinearSigmoid': ofOne('Sigmoid'),
  'com.microsoft.QLinearSoftmax': ofOne('Softmax'),
};

/** Operators that {@link quantizedFormOf} knows. */
export const QUANTIZED_WITH_FORM: readonly string[] = [...Object.keys(FORMS), 'com.microsoft.QLinearConcat'];

/** What a quantized operator computes; `undefined` for others. @param count of its inputs */
export function quantizedFormOf(opType: string, count: number): QuantizedForm | undefined {
  if (opType !== 'com.microsoft.QLinearConcat') return Object.hasOwn(FORMS, opType) ? FORMS[opType] : undefined;
  // Scale and zero point of the output; then for each part itself, its scale and its zero point.
  const operands = Array.from({ length: Math.floor((count - 2) / 3) }, (_, part) => 2 + 3 * part);
  return { real: 'Concat', operands, result: 'operand' };
}
