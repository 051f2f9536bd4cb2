/** @file Batch normalization that was exported in training mode. */

import type { Model, TensorValue } from '@pareidolia/autodiff';

/** Inputs of BatchNormalization that hold the running mean and variance. */
const STATISTICS = [3, 4] as const;

/**
 * The same network, in which no constant changes while it runs. In training mode ONNX Runtime writes the new running statistics
 * over the constants that hold the old ones, and these may serve as something else too, such as the scale, or be shared with
 * equal constants: then each call changes the network. Since scores depend on the statistics of the batch only, the old ones
 * are replaced by others that are equal to nothing else.
 *
 * @returns the model itself where nothing is in training mode, or the new statistics are used
 */
export function withOwnStatistics(model: Model): Model {
  const { graph } = model;
  const used = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const initializers = new Map(graph.initializers);
  let count = 0;
  const nodes = graph.nodes.map((node) => {
    const mode = node.attributes.get('training_mode');
    const isTraining = node.opType === 'BatchNormalization' && mode?.kind === 'int' && mode.value !== 0;
    if (!isTraining || node.outputs.slice(1).some((name) => used.has(name))) return node;
    const inputs = [...node.inputs];
    for (const at of STATISTICS) {
      const old = initializers.get(inputs[at] ?? '');
      if (old?.type !== 'float32') continue;
      const name = `pareidolia.statistics.${count}`;
      initializers.set(name, unlikely(old, count++));
      inputs[at] = name;
    }
    return { ...node, inputs };
  });
  return count === 0 ? model : { ...model, graph: { ...graph, nodes, initializers } };
}

function unlikely({ dims }: TensorValue, seed: number): TensorValue {
  const length = dims.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length }, (_, i) => 0.7354 + (seed + i) / 1237);
  return { type: 'float32', dims, data };
}
