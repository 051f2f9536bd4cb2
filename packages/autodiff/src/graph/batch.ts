/** @file Makes a model that was exported for one image take batches. */

import type { Model, Node } from './model.ts';
import { int64s, type TensorValue } from './tensor.ts';

/** The name of the batch axis. */
export const BATCH = 'N';

/**
 * The model with its leading axis left open, where it was fixed to 1: on the inputs, and in the constant target shapes
 * of Reshape, where a leading 1 becomes "as in the input" (0).
 *
 * Right for networks that treat the leading axis as a batch, which classifiers do; that no sample influences another is
 * for the caller to check by running it.
 */
export function withBatch(model: Model): Model {
  const { graph } = model;
  if (graph.inputs.every(({ shape }) => typeof shape?.[0] !== 'number')) return model;
  const inputs = graph.inputs.map((input) => {
    const shape = input.shape?.map((dim, axis) => (axis === 0 && dim === 1 ? BATCH : dim));
    return { ...input, shape };
  });
  const initializers = new Map(graph.initializers);
  const varying = dependents(graph.nodes, new Set(inputs.map(({ name }) => name)));
  const nodes = graph.nodes.map((node): Node => {
    if (node.opType !== 'Reshape' || !varying.has(node.inputs[0] ?? '')) return node;
    const target = graph.initializers.get(node.inputs[1] ?? '');
    const opened = target === undefined ? undefined : openShape(target);
    if (opened === undefined) return node;
    const name = `${node.name}__shape`;
    initializers.set(name, opened);
    return { ...node, inputs: [node.inputs[0]!, name] };
  });
  const outputs = graph.outputs.map((output) => ({ ...output, shape: undefined }));
  return { ...model, graph: { ...graph, inputs, outputs, nodes, initializers } };
}

/** The target shape with its leading 1 as 0, "as in the input". */
function openShape(target: TensorValue): TensorValue | undefined {
  const lengths = Array.from(target.data as BigInt64Array, Number);
  return lengths[0] === 1 && lengths.length > 1 ? int64s([0, ...lengths.slice(1)]) : undefined;
}

/** All values that depend on the given ones. */
function dependents(nodes: readonly Node[], start: Set<string>): Set<string> {
  for (const node of nodes) {
    if (node.inputs.some((input) => start.has(input))) for (const output of node.outputs) start.add(output);
  }
  return start;
}
