/**
 * @file Other words for what a device lacks. ONNX Runtime runs an operator that its WebGPU provider does not have on the
 * processor, and carries all that goes in and out across: right, but slow in the middle of a network.
 */

import { GraphBuilder } from '../../builder/builder.ts';
import { OnnxError } from '../../errors.ts';
import type { Attribute, Model, Node } from '../../model/model.ts';
import { int64s, type TensorValue, typeCode } from '../../model/tensor.ts';
import { floatAttribute, intAttribute } from '../../operators/attributes.ts';

/**
 * Slopes from here on mean a step: the product may be infinite, and WGSL leaves open what becomes of infinite numbers
 * (WebGPU Shading Language, section on floating point evaluation).
 */
const STEEP = 2 ** 100;

/**
 * The same graph in operators that ONNX Runtime's WebGPU provider has: for `Sum`, `Mean`, `Sign`, `LogSoftmax` and one-hot
 * rows, which it leaves to the processor; for a `MaxPool` with indices that nobody uses, which it refuses; and for
 * the steps that our gradients write as `HardSigmoid` of a huge slope, whose infinite products WGSL does not define.
 * Values stay the same up to the last bits of `LogSoftmax` and `Mean`. On the processor the original is faster.
 *
 * @param model of opset 18 or newer (see `upgrade`): a network, its gradient graph or its training step
 * @throws OnnxError where shapes do not fit
 */
export function lowerForWebGpu(model: Model): Model {
  const { graph } = model;
  const context: Context = {
    types: GraphBuilder.from(model),
    used: new Set([...graph.outputs.map(({ name }) => name), ...graph.nodes.flatMap((node) => node.inputs)]),
  };
  const writer = new Writer(context.types, new Map(graph.initializers));
  for (const node of graph.nodes) {
    const lowering = LOWERINGS[node.opType];
    if (lowering?.when(node, context) === true) lowering.write(writer, node, node.outputs[0]!);
    else writer.nodes.push(node);
  }
  return { ...model, graph: { ...graph, nodes: writer.nodes, initializers: writer.initializers } };
}

/** What is known of the graph as it came. */
interface Context {
  readonly types: GraphBuilder;
  /** The values that something takes. */
  readonly used: ReadonlySet<string>;
}

interface Lowering {
  when(node: Node, context: Context): boolean;
  /** Writes nodes that make `output`. */
  write(writer: Writer, node: Node, output: string): void;
}

const LOWERINGS: Readonly<Record<string, Lowering>> = {
  // clamp(alpha x + beta, 0, 1) with an all but infinite alpha: 1 where x is beyond -beta / alpha.
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
  // Compared with every place, as floats: the provider does not compare whole numbers of 64 bits.
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

/** One addition after another. */
function sum(writer: Writer, inputs: readonly string[], output: string): string {
  if (inputs.length === 1) return writer.op('Identity', inputs, {}, output);
  return inputs.reduce((total, input, index) =>
    writer.op('Add', [total, input], {}, index === inputs.length - 1 ? output : undefined),
  );
}

/** Rows of the floats 0 and 1 as a new last axis. */
function isBinaryRow(node: Node, { types }: Context): boolean {
  const values = types.valueOf(node.inputs[2]!);
  const binary = values?.type === 'float32' && values.data[0] === 0 && values.data[1] === 1;
  return binary && types.valueOf(node.inputs[1]!) !== undefined && intAttribute(node, 'axis', -1) === -1;
}

/** Behind an operator that we do not know the type is not known either; there everything stays as it is. */
function isFloat32({ types }: Context, value: string): boolean {
  try {
    return types.typeOf(value).type === 'float32';
  } catch (error) {
    if (error instanceof OnnxError) return false;
    throw error;
  }
}

/** Writes nodes under names that nothing in the graph has. */
class Writer {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, TensorValue>;
  readonly #names: GraphBuilder;

  constructor(names: GraphBuilder, initializers: Map<string, TensorValue>) {
    this.#names = names;
    this.initializers = initializers;
  }

  name(stem: string): string {
    return this.#names.unique(stem);
  }

  constant(value: TensorValue): string {
    const name = this.name('constant');
    this.initializers.set(name, value);
    return name;
  }

  scalar(value: number): string {
    return this.constant({ type: 'float32', dims: [], data: Float32Array.of(value) });
  }

  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number>> = {},
    output: string = this.name(`${opType}_out`),
  ): string {
    const written = Object.entries(attributes).map(([key, value]): [string, Attribute] => [
      key,
      { kind: 'int', value },
    ]);
    this.nodes.push({ name: this.name(opType), opType, inputs, outputs: [output], attributes: new Map(written) });
    return output;
  }
}
