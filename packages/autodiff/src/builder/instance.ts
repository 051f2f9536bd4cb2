/** @file A network as part of a larger graph, where it may stand several times. */

import type { Graph, Node } from '../model/model.ts';
import { renamedNode } from '../model/subgraphs.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * Adds the nodes of a graph under names of their own.
 *
 * @param prefix of all new names
 * @param given what its inputs, and those of its constants that are none here, are called in the larger graph
 * @returns the name in the larger graph for each of its values
 */
export function addInstance(
  b: GraphBuilder,
  { nodes, initializers }: Pick<Graph, 'nodes' | 'initializers'>,
  prefix: string,
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const names = new Map(given);
  for (const [name, value] of initializers) {
    if (!names.has(name)) names.set(name, b.constant(value));
  }
  for (const { outputs } of nodes) {
    for (const output of outputs) if (output !== '') names.set(output, `${prefix}${output}`);
  }
  for (const node of nodes) b.add(named(node, prefix, names));
  return names;
}

function named(node: Node, prefix: string, names: ReadonlyMap<string, string>): Node {
  return { ...renamedNode(node, names), name: `${prefix}${node.name}` };
}
