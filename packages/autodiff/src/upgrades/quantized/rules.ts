/** @file Operators on quantized numbers, as operators on floats that hold integers. */

import type { Attributes } from '../../builder/builder.ts';
import type { Node } from '../../model/model.ts';
import { typeOfCode } from '../../model/tensor.ts';
import { floatAttribute, intAttribute } from '../../operators/attributes.ts';
import { quantizedFormOf } from '../../operators/quantized.ts';
import { dequantized, unpackedMatrix } from './constants.ts';
import type { RealForm } from './real-form.ts';

/** Writes nodes that compute the outputs of a node. */
export type RealRule = (form: RealForm, node: Node) => void;

/** A node's attributes but for some, as a builder takes them. */
function attributesOf(node: Node, ...without: readonly string[]): Attributes {
  const kept = [...node.attributes].filter(([name]) => !without.includes(name));
  return Object.fromEntries(kept.map(([name, { value }]) => [name, value])) as Attributes;
}

function inputsOf({ inputs }: Node): (index: number) => string {
  return (index) => inputs[index] ?? '';
}

/** Scale and zero point of a whole value, in two inputs. */
const scalingAt = (node: Node, place: number) => ({
  scale: inputsOf(node)(place),
  zeroPoint: inputsOf(node)(place + 1),
  axis: 0,
});

const quantizeLinear: RealRule = (form, node) => {
  const [x, scale, zeroPoint] = [0, 1, 2].map(inputsOf(node)) as [string, string, string];
  if (intAttribute(node, 'block_size', 0) !== 0) form.refuse(node, 'it has a scale for each block of computed values');
  const said = typeOfCode(intAttribute(node, 'output_dtype', 0)) ?? 'uint8';
  const type = zeroPoint === '' ? said : (form.typeOf(zeroPoint) ?? said);
  const scaling = { scale, zeroPoint, axis: intAttribute(node, 'axis', 1) };
  form.quantize(x, scaling, type, form.rankOf(x), node.outputs[0]!);
};

const dequantizeLinear: RealRule = (form, node) => {
  const [x, scale, zeroPoint] = [0, 1, 2].map(inputsOf(node)) as [string, string, string];
  const [axis, block] = [intAttribute(node, 'axis', 1), intAttribute(node, 'block_size', 0)];
  if (block === 0) {
    form.dequantize(x, { scale, zeroPoint, axis }, node.outputs[0]!);
    return;
  }
  const [integers, scales] = [form.constant(x), form.constant(scale)];
  const zeros = zeroPoint === '' ? undefined : form.constant(zeroPoint);
  if (integers === undefined || scales === undefined || (zeroPoint !== '' && zeros === undefined)) {
    return form.refuse(node, 'it has a scale for each block of computed values');
  }
  form.b.initializer(node.outputs[0]!, dequantized(integers, scales, zeros, axis, block));
};

/**
 * The sums of products are exact integers as long as they are below 2^24, and are then scaled and rounded as ONNX Runtime
 * does it.
 */
const convolution: RealRule = (form, node) => {
  const at = inputsOf(node);
  const [x, weight, bias] = [form.centered(at(0), at(2)), form.centered(at(3), at(5)), at(8)];
  const sums = form.op('Conv', [x, weight, ...(bias === '' ? [] : [form.real(bias)])], attributesOf(node));
  requantize(form, node, sums, [at(1), at(4)], 6, 1);
};

const matMul: RealRule = (form, node) => {
  const at = inputsOf(node);
  const product = form.op('MatMul', [leftFactor(form, node, 1, 2), form.centered(at(3), at(5), -1)]);
  requantize(form, node, product, [at(1), at(4)], 6, -1);
};

const gemm: RealRule = (form, node) => {
  const at = inputsOf(node);
  const columns = intAttribute(node, 'transB', 0) === 0 ? 1 : 0;
  const [a, b] = [leftFactor(form, node, 1, 2), form.centered(at(3), at(5), columns)];
  const bias = at(6) === '' ? [] : [form.real(at(6))];
  const sums = form.op('Gemm', [a, b, ...bias], attributesOf(node, 'alpha'));
  const scales = [form.b.scalar(floatAttribute(node, 'alpha', 1)), at(1), at(4)];
  if (at(7) !== '') requantize(form, node, sums, scales, 7, -1);
  else form.op('Mul', [sums, form.along(form.multiplier(scales, ''), 2, -1)], {}, node.outputs[0]!);
};

/** The left factor, at input 0, with the zero point at another; it must have one scale and one zero point. */
function leftFactor(form: RealForm, node: Node, scale: number | undefined, zeroPoint: number): string {
  const at = inputsOf(node);
  for (const parameter of [scale, zeroPoint]) {
    const value = parameter === undefined ? '' : at(parameter);
    if (value !== '' && form.b.shape(value).some((dim) => dim !== 1)) {
      form.refuse(node, 'its left factor has a scale or zero point for each row');
    }
  }
  return form.centered(at(0), at(zeroPoint));
}

/** Scales integer sums, and rounds them to the type of the zero point behind the scale of the result. */
function requantize(
  form: RealForm,
  node: Node,
  sums: string,
  scales: readonly string[],
  place: number,
  axis: number,
): void {
  const { scale, zeroPoint } = scalingAt(node, place);
  const rank = form.b.shape(sums).length;
  const scaled = form.op('Mul', [sums, form.along(form.multiplier(scales, scale), rank, axis)]);
  const type = form.typeOf(node.outputs[0]!) ?? 'uint8';
  form.quantize(scaled, { scale: '', zeroPoint, axis: 0 }, type, rank, node.outputs[0]!);
}

const integerConvolution: RealRule = (form, node) => {
  const at = inputsOf(node);
  const operands = [form.centered(at(0), at(2)), form.centered(at(1), at(3))];
  form.op('Conv', operands, attributesOf(node), node.outputs[0]!);
};

const integerMatMul: RealRule = (form, node) => {
  form.op(
    'MatMul',
    [leftFactor(form, node, undefined, 2), form.centered(inputsOf(node)(1), inputsOf(node)(3), -1)],
    {},
    node.outputs[0]!,
  );
};

/** Scale and zero point are computed as in the file, and taken for constants by the gradient. */
const dynamicQuantizeLinear: RealRule = (form, node) => {
  const [x = ''] = node.inputs;
  const [y = '', scale = '', zeroPoint = ''] = node.outputs;
  const names = [form.b.unique(y), scale || form.b.unique('scale'), zeroPoint || form.b.unique('zero_point')] as const;
  form.add(form.b.node('DynamicQuantizeLinear', [x], names));
  form.quantize(x, { scale: names[1], zeroPoint: names[2], axis: 0 }, 'uint8', form.rankOf(x), y);
};

const dynamicMatMul: RealRule = (form, node) => {
  const at = inputsOf(node);
  const quantized = form.b.node('DynamicQuantizeLinear', [at(0)], 3);
  form.add(quantized);
  const [, scale = '', zeroPoint = ''] = quantized.outputs;
  const rank = form.rankOf(at(0));
  const integers = form.quantize(at(0), { scale, zeroPoint, axis: 0 }, 'uint8', rank);
  const left = form.op('Sub', [integers, form.real(zeroPoint)]);
  scaledProduct(form, node, left, form.centered(at(1), at(3), -1), [scale, at(2)], at(4));
};

const integerMatMulToFloat: RealRule = (form, node) => {
  const at = inputsOf(node);
  const left = leftFactor(form, node, 2, 4);
  scaledProduct(form, node, left, form.centered(at(1), at(5), -1), [at(2), at(3)], at(6));
};

function scaledProduct(
  form: RealForm,
  node: Node,
  left: string,
  right: string,
  scales: readonly string[],
  bias: string,
): void {
  const product = form.op('MatMul', [left, right]);
  const [output] = node.outputs;
  const factor = form.along(form.multiplier(scales, ''), form.b.shape(product).length, -1);
  const scaled = form.op('Mul', [product, factor], {}, bias === '' ? output : undefined);
  if (bias !== '') form.op('Add', [scaled, bias], {}, output);
}

/** Operands are dequantized, and the result is quantized again. */
const viaReals: RealRule = (form, node) => {
  const { real, operands } = quantizedFormOf(node.opType, node.inputs.length)!;
  if (intAttribute(node, 'channels_last', 0) !== 0) form.refuse(node, 'its channels come last');
  if (real === 'Softmax' && intAttribute(node, 'opset', 13) < 13) {
    const axis = intAttribute(node, 'axis', 1);
    if (axis !== -1 && axis !== form.rankOf(node.inputs[0]!) - 1) form.refuse(node, 'it is taken over several axes');
  }
  const isConcat = real === 'Concat';
  const values = operands.map((place) => form.dequantize(node.inputs[place]!, scalingAt(node, place + 1)));
  const result = form.op(real, values, attributesOf(node, 'channels_last', 'opset'));
  const scaling = scalingAt(node, isConcat ? 0 : operands.at(-1)! + 3);
  const type = form.typeOf(node.outputs[0]!) ?? 'uint8';
  form.quantize(result, scaling, type, form.b.shape(result).length, node.outputs[0]!);
};

/** A product of floats with a matrix of few bits: the matrix is a constant. */
const packedMatMul: RealRule = (form, node) => {
  const at = inputsOf(node);
  const [packed, scales, zeros] = [form.constant(at(1)), form.constant(at(2)), form.constant(at(3))];
  if (packed === undefined || scales === undefined || (at(3) !== '' && zeros === undefined)) {
    return form.refuse(node, 'its matrix is computed');
  }
  if (at(4) !== '') form.refuse(node, 'its rows are regrouped (g_idx)');
  const number = (name: string, otherwise = 0): number => intAttribute(node, name, otherwise);
  const layout = { rows: number('K'), columns: number('N'), bits: number('bits', 4), block: number('block_size') };
  if (![2, 4, 8].includes(layout.bits)) form.refuse(node, `it has ${layout.bits} bits`);
  const matrix = form.b.constant(unpackedMatrix(packed, scales, zeros, layout));
  const [output] = node.outputs;
  const product = form.op('MatMul', [at(0), matrix], {}, at(5) === '' ? output : undefined);
  if (at(5) !== '') form.op('Add', [product, at(5)], {}, output);
};

export const REAL_RULES: Readonly<Record<string, RealRule>> = {
  ConvInteger: integerConvolution,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: integerMatMul,
  QLinearConv: convolution,
  QLinearMatMul: matMul,
  QuantizeLinear: quantizeLinear,
  'com.microsoft.DequantizeLinear': dequantizeLinear,
  'com.microsoft.DynamicQuantizeMatMul': dynamicMatMul,
  'com.microsoft.MatMulIntegerToFloat': integerMatMulToFloat,
  'com.microsoft.MatMulNBits': packedMatMul,
  'com.microsoft.QGemm': gemm,
  'com.microsoft.QLinearAdd': viaReals,
  'com.microsoft.QLinearAveragePool': viaReals,
  'com.microsoft.QLinearConcat': viaReals,
  'com.microsoft.QLinearGlobalAveragePool': viaReals,
  'com.microsoft.QLinearLeakyRelu': viaReals,
  'com.microsoft.QLinearMul': viaReals,
  'com.microsoft.QLinearSigmoid': viaReals,
  'com.microsoft.QLinearSoftmax': viaReals,
  'com.microsoft.QuantizeLinear': quantizeLinear,
};
