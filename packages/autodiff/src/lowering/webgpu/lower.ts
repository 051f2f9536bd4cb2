/**
 * @file Lowers a graph for WebGPU. ONNX Runtime runs an operator that its WebGPU provider lacks on the CPU instead, and
 * copies all of its inputs and outputs there and back: correct, but slow in the middle of a network.
 */

import { GraphBuilder } from '../../builder/builder.ts';
import type { Model } from '../../model/model.ts';
import { Writer } from '../writer.ts';
import { type Context, LOWERINGS } from './rules.ts';

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
