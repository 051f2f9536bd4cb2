/** @file Models with some of their outputs. */

import type { Graph, Model, Node, ValueInfo } from './model.ts';
import { needsOf } from './subgraphs.ts';

/**
 * The model with some of its outputs, and without the nodes and constants that only the others need.
 *
 * @param names of outputs to keep
 */
export function withOutputs(model: Model, names: readonly string[]): Model {
  const outputs = model.graph.outputs.filter(({ name }) => names.includes(name));
  return outputs.length === model.graph.outputs.length
    ? model
    : { ...model, graph: pruned({ ...model.graph, outputs }) };
}

/** The graph without nodes and constants that no output needs. */
export function pruned(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: Node[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of needsOf(node)) needed.add(input);
    nodes.push(node);
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.reverse(), initializers };
}

/**
 * What stands for an output that is no tensor: the tensor that a ZipMap, which converters of scikit-learn put behind the
 * probabilities, gives names to; `undefined` where there is none.
 */
export function tensorBehind(output: string, nodes: readonly Node[]): ValueInfo | undefined {
  const maker = nodes.find(({ outputs }) => outputs.includes(output));
  if (maker?.opType !== 'ai.onnx.ml.ZipMap') return undefined;
  return { name: maker.inputs[0] ?? '', type: 'float32', shape: undefined };
}
