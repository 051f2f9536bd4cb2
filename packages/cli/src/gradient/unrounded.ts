/** @file A gradient graph without rounding, which finite differences can follow. */

import { GraphBuilder, type Model, tensor, writeModel } from '@pareidolia/autodiff';
import type { Session, Tensors } from '@pareidolia/core';
import type { GradientGraph } from './gradient-graph.ts';

/**
 * The graph with the network's rounding taken out, so that the straight-through estimate becomes a gradient in the usual sense: it
 * takes rounding for the identity, and here it is. All other nodes stay, those of the gradient among them. Scales
 * that are computed from the range of the values count as constants in the gradient, so here they are constants.
 *
 * @param feeds a value for each input; the scales are those that they lead to
 */
export async function unrounded(
  { model, rounded }: GradientGraph,
  feeds: Tensors,
  open: (model: Uint8Array) => Promise<Session>,
): Promise<Model> {
  const passing = new Set(rounded);
  const nodes = model.graph.nodes.map((node) =>
    passing.has(node.outputs[0]!) ? { ...node, opType: 'Identity' } : node,
  );
  const smooth: Model = { ...model, graph: { ...model.graph, nodes } };
  const scalings = nodes.flatMap(({ opType, outputs: [, scale = '', zeroPoint = ''] }) =>
    opType === 'DynamicQuantizeLinear' ? [scale, zeroPoint].filter((name) => name !== '') : [],
  );
  if (scalings.length === 0) return smooth;

  const b = GraphBuilder.from(smooth, { skip: 'outputs' });
  for (const name of scalings) b.output(name);
  const session = await open(writeModel(b.build()));
  const found = await session.run(feeds).finally(() => session.dispose());
  const initializers = new Map(smooth.graph.initializers);
  for (const name of scalings) {
    const { type, dims, data } = found[name]!;
    initializers.set(name, tensor(type, dims, data));
  }
  const rest = nodes.filter(({ opType }) => opType !== 'DynamicQuantizeLinear');
  return { ...smooth, graph: { ...smooth.graph, nodes: rest, initializers } };
}
