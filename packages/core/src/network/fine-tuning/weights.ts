/** @file Which constants of a given network are weights: what its layers multiply by and add. */

import { type Model, type Node, runningStatistics } from '@pareidolia/autodiff';

/** Inputs of each operator that hold weights. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  PRelu: [1],
};

/** Operators whose results a constant may be added to as a bias. */
const BIASED = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Operators that rearrange a constant before it is used. */
const REARRANGE = new Set(['Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

/** A constant that is trained, and the node that it is a weight of. */
export interface Weight {
  readonly name: string;
  readonly node: Node;
}

/**
 * The weights of a network in the order of its nodes: kernels, matrices and biases, scales and biases of normalizations, slopes.
 * Other constants (means and deviations of a preprocessing, positions, class tokens) and running statistics are not among them.
 *
 * @param network of a current opset
 */
export function weightsOf({ graph }: Model): readonly Weight[] {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const statistics = new Set(runningStatistics(graph));
  const found = new Map<string, Weight>();
  /** The float constant that a value is, however it is rearranged. */
  const constantOf = (value: string): string | undefined => {
    let name = value;
    for (;;) {
      const constant = graph.initializers.get(name);
      if (constant !== undefined) return constant.type === 'float32' && constant.dims.length > 0 ? name : undefined;
      const maker = makers.get(name);
      if (maker === undefined || !REARRANGE.has(maker.opType)) return undefined;
      name = maker.inputs[0]!;
    }
  };
  const add = (value: string | undefined, node: Node): void => {
    const name = value === undefined || value === '' ? undefined : constantOf(value);
    if (name !== undefined && !statistics.has(name) && !found.has(name)) found.set(name, { name, node });
  };
  for (const node of graph.nodes) {
    for (const place of WEIGHTS[node.opType] ?? []) add(node.inputs[place], node);
    if (node.opType !== 'Add') continue;
    node.inputs.forEach((input, place) => {
      if (BIASED.has(makers.get(node.inputs[1 - place]!)?.opType ?? '')) add(input, node);
    });
  }
  return [...found.values()];
}
