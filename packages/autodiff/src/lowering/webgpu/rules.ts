/** @file Operators that ONNX Runtime's WebGPU provider lacks, in operators that it has. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { OnnxError } from '../../errors.ts';
import type { Node } from '../../model/model.ts';
import { int64s, typeCode } from '../../model/tensor.ts';
import { floatAttribute, intAttribute } from '../../operators/attributes.ts';
import type { Writer } from '../writer.ts';

/**
 * From this slope on a HardSigmoid stands for a step function: its product may be infinite, and WGSL leaves arithmetic
 * on infinities undefined (WebGPU Shading Language, "Floating Point Evaluation").
 */
const STEEP = 2 ** 100;

/** What a rule may ask about the original graph. */
export interface Context {
  /** Types, shapes and constants. */
  readonly types: GraphBuilder;
  /** The values that a node or an output of the graph uses. */
  readonly used: ReadonlySet<string>;
}

/** How one operator is lowered. */
export interface Lowering {
  /** Whether this node has to be. */
  when(node: Node, context: Context): boolean;
  /** Writes nodes that compute `output`. */
  write(writer: Writer, node: Node, output: string): void;
}

export const LOWERINGS: Readonly<Record<string, Lowering>> = {
  // clamp(alpha x + beta, 0, 1) with a huge alpha: 1 where x is beyond -beta / alpha, else 0.
  HardSigmoid: {
    when: (node, context) =>
      Math.abs(floatAttribute(node, 'alpha', 0.2)) >= STEEP && isFloat32(context, node.inputs[0]!),
    write(writer, node, output) {
      const alpha = floatAttribute(node, 'alpha', 0.2);
      const threshold = writer.scalar(-floatAttribute(node, 'beta', 0.5) / alpha + 0);
      const beyond = writer.op(alpha > 0 ? 'Greater' : 'Less', [node.inputs[0]!, threshold]);
      writer.op('Cast', [beyond], { to: typeCode('float32') }, output);
    },
  },
  // x - max - log(sum(exp(x - max))).
  LogSoftmax: {
    when: () => true,
    write(writer, node, output) {
      const x = node.inputs[0]!;
      const axes = writer.constant(int64s([intAttribute(node, 'axis', -1)]));
      const shifted = writer.op('Sub', [x, writer.op('ReduceMax', [x, axes], { keepdims: 1 })]);
      const total = writer.op('ReduceSum', [writer.op('Exp', [shifted]), axes], { keepdims: 1 });
      writer.op('Sub', [shifted, writer.op('Log', [total])], {}, output);
    },
  },
  MaxPool: {
    when: (node, { used }) => node.outputs.length > 1 && !used.has(node.outputs[1]!),
    write: (writer, node) => writer.nodes.push({ ...node, outputs: node.outputs.slice(0, 1) }),
  },
  Mean: {
    when: (node, context) => isFloat32(context, node.inputs[0]!),
    write(writer, { inputs }, output) {
      const total = sum(writer, inputs, writer.name('total'));
      writer.op('Mul', [total, writer.scalar(1 / inputs.length)], {}, output);
    },
  },
  // The index compared with every place, in floats: the provider does not compare 64-bit integers.
  OneHot: {
    when: isBinaryRow,
    write(writer, { inputs: [indices = '', depth = ''] }, output) {
      const length = Number(writer.initializers.get(depth)!.data[0]);
      const places = Float32Array.from({ length }, (_, place) => place);
      const index = writer.op('Cast', [indices], { to: typeCode('float32') });
      const column = writer.op('Unsqueeze', [index, writer.constant(int64s([-1]))]);
      const hit = writer.op('Equal', [column, writer.constant({ type: 'float32', dims: [length], data: places })]);
      writer.op('Cast', [hit], { to: typeCode('float32') }, output);
    },
  },
  Sign: {
    when: (node, context) => isFloat32(context, node.inputs[0]!),
    write(writer, { inputs: [x = ''] }, output) {
      const side = (comparison: string): string =>
        writer.op('Cast', [writer.op(comparison, [x, writer.scalar(0)])], { to: typeCode('float32') });
      writer.op('Sub', [side('Greater'), side('Less')], {}, output);
    },
  },
  Sum: {
    when: () => true,
    write: (writer, { inputs }, output) => {
      sum(writer, inputs, output);
    },
  },
};

/** A chain of additions. */
function sum(writer: Writer, inputs: readonly string[], output: string): string {
  if (inputs.length === 1) return writer.op('Identity', inputs, {}, output);
  return inputs.reduce((total, input, index) =>
    writer.op('Add', [total, input], {}, index === inputs.length - 1 ? output : undefined),
  );
}

/** Whether a OneHot gives the floats 0 and 1 along a new last axis, of known length. */
function isBinaryRow(node: Node, { types }: Context): boolean {
  const values = types.valueOf(node.inputs[2]!);
  const binary = values?.type === 'float32' && values.data[0] === 0 && values.data[1] === 1;
  return binary && types.valueOf(node.inputs[1]!) !== undefined && intAttribute(node, 'axis', -1) === -1;
}

/**
 * Whether a value is known to be float32; behind an operator without a shape rule the type is unknown, and nodes stay.
 */
function isFloat32({ types }: Context, value: string): boolean {
  try {
    return types.typeOf(value).type === 'float32';
  } catch (error) {
    if (error instanceof OnnxError) return false;
    throw error;
  }
}
