/** @file Operators that ONNX Runtime's WebGPU provider lacks, in operators that it has. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { typeCode } from '../../model/tensor.ts';
import { intAttribute } from '../../operators/attributes.ts';
import type { LoweringContext, LoweringRules } from '../expand.ts';
import { PLAIN } from '../plain/rules.ts';

export const WEBGPU: LoweringRules = {
  ...PLAIN,
  // x - max - log(sum(exp(x - max))).
  LogSoftmax: ({ b, node }) => {
    const x = node.inputs[0]!;
    const axes = b.ints([intAttribute(node, 'axis', -1)]);
    const shifted = b.op('Sub', [x, b.op('ReduceMax', [x, axes], { keepdims: 1 })]);
    const total = b.op('ReduceSum', [b.op('Exp', [shifted]), axes], { keepdims: 1 });
    return [b.op('Sub', [shifted, b.op('Log', [total])])];
  },
  // The provider rejects an output of indices, also where nothing uses it.
  MaxPool: ({ b, node, uses }) => {
    const [y = '', indices] = node.outputs;
    if (indices === undefined || uses(indices) > 0) return undefined;
    b.add({ ...node, outputs: [y] });
    return [y];
  },
  Mean: ({ b, node }) => {
    if (!isFloat32(b, node.inputs[0]!)) return undefined;
    return [b.op('Mul', [sum(b, node.inputs), b.scalar(1 / node.inputs.length)])];
  },
  // The index compared with every place, in floats: the provider does not compare 64-bit integers.
  OneHot: (context) => {
    const { b, node } = context;
    if (!isBinaryRow(context)) return undefined;
    const length = Number(b.valueOf(node.inputs[1]!)!.data[0]);
    const places = Float32Array.from({ length }, (_, place) => place);
    const index = b.op('Cast', [node.inputs[0]!], { to: typeCode('float32') });
    const column = b.op('Unsqueeze', [index, b.ints([-1])]);
    const hit = b.op('Equal', [column, b.constant({ type: 'float32', dims: [length], data: places })]);
    return [b.op('Cast', [hit], { to: typeCode('float32') })];
  },
  Sign: ({ b, node }) => {
    const x = node.inputs[0]!;
    if (!isFloat32(b, x)) return undefined;
    const side = (comparison: string): string =>
      b.op('Cast', [b.op(comparison, [x, b.scalar(0)])], { to: typeCode('float32') });
    return [b.op('Sub', [side('Greater'), side('Less')])];
  },
  Sum: ({ b, node }) => [sum(b, node.inputs)],
};

/** A chain of additions. */
function sum(b: GraphBuilder, inputs: readonly string[]): string {
  if (inputs.length === 1) return b.op('Identity', inputs);
  return inputs.reduce((total, input) => b.op('Add', [total, input]));
}

/** Whether a OneHot gives the floats 0 and 1 along a new last axis, of known length. */
function isBinaryRow({ b, node }: LoweringContext): boolean {
  const values = b.valueOf(node.inputs[2]!);
  const binary = values?.type === 'float32' && values.data[0] === 0 && values.data[1] === 1;
  return binary && b.valueOf(node.inputs[1]!) !== undefined && intAttribute(node, 'axis', -1) === -1;
}

/**
 * Whether a value is known to be float32; behind an operator without a shape rule the type is unknown, and nodes stay.
 */
function isFloat32(b: GraphBuilder, value: string): boolean {
  return b.isDescribed(value) && b.typeOf(value).type === 'float32';
}
