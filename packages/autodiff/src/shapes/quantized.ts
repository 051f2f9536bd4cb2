/** @file Output shapes of operators on quantized numbers: those of the operators on real numbers that they stand for. */

import { typeOfCode } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { QUANTIZED_WITH_FORM, quantizedFormOf } from '../operators/quantized.ts';
import { ELEMENTWISE_SHAPES } from './elementwise.ts';
import { MATMUL_SHAPES } from './matmul.ts';
import { MOVEMENT_SHAPES } from './movement.ts';
import { NORMALIZATION_SHAPES } from './normalization.ts';
import { SLIDING_SHAPES } from './sliding.ts';
import type { ShapeRule, ValueType } from './types.ts';

const REAL: Readonly<Record<string, ShapeRule>> = {
  ...ELEMENTWISE_SHAPES,
  ...MATMUL_SHAPES,
  ...MOVEMENT_SHAPES,
  ...NORMALIZATION_SHAPES,
  ...SLIDING_SHAPES,
};

const quantize: ShapeRule = ({ node, input, has }) => {
  const said = typeOfCode(intAttribute(node, 'output_dtype', 0));
  return [{ type: has(2) ? input(2).type : (said ?? 'uint8'), shape: input(0).shape }];
};

const dequantize: ShapeRule = ({ input }) => [{ type: input(1).type, shape: input(0).shape }];

const viaReal: ShapeRule = (context) => {
  const { node, input, has, fail } = context;
  const { real, operands, result } = quantizedFormOf(node.opType, node.inputs.length)!;
  if (intAttribute(node, 'channels_last', 0) !== 0) return fail('has its channels last, which is not supported');
  const [{ shape } = fail('has no output')]: readonly ValueType[] = REAL[real]!({
    ...context,
    node: { ...node, opType: real, inputs: operands.map((place) => node.inputs[place] ?? '') },
    input: (index) => input(operands[index] ?? -1),
    has: (index) => has(operands[index] ?? -1),
  });
  if (result === 'operand') return [{ type: input(operands[0] ?? -1).type, shape }];
  if (typeof result === 'string') return [{ type: result, shape }];
  return [{ type: has(result) ? input(result).type : 'float32', shape }];
};

export const QUANTIZED_SHAPES: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(QUANTIZED_WITH_FORM.map((opType) => [opType, viaReal])),
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: ({ input }) => [
    { type: 'uint8', shape: input(0).shape },
    { type: 'float32', shape: [] },
    { type: 'uint8', shape: [] },
  ],
  QuantizeLinear: quantize,
  'com.microsoft.DequantizeLinear': dequantize,
  'com.microsoft.MatMulNBits': ({ node, input }) => {
    const { type, shape } = input(0);
    return [{ type, shape: [...shape.slice(0, -1), intAttribute(node, 'N', 0)] }];
  },
  'com.microsoft.QuantizeLinear': quantize,
};
