/**
 * @file Lowers a graph for WebGPU. ONNX Runtime runs an operator that its WebGPU provider lacks on the CPU instead, and
 * copies all of its inputs and outputs there and back: correct, but slow in the middle of a network.
 */

import { GraphBuilder } from '../../builder/builder.ts';
import type { Model } from '../../model/model.ts';
import { Writer } from '../writer.ts';
import { type Context, LOWERINGS } from './rules.ts';

/**
 * The same computation in operators that ONNX Runtime 1.30's WebGPU provider supports. On a CPU the original is faster.
 *
 * - `Sum`, `Mean`, `Sign`, `LogSoftmax` and one-hot rows, which would run on the CPU, are written in other operators.
 * - `MaxPool` with an output of indices that nothing uses, which the provider rejects, loses that output.
 * - `HardSigmoid` of a huge slope, by which gradients express a step function, becomes a comparison: its product may be
 *   infinite, and WGSL leaves arithmetic on infinities undefined.
 *
 * Results are equal, up to rounding in `LogSoftmax` and `Mean`. Names of inputs, outputs and constants stay.
 *
 * @param model of opset 18 or newer (see {@link upgrade}): a network, its gradient graph or its training step
 * @throws {@link OnnxError} if the shapes in the model do not fit together
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
