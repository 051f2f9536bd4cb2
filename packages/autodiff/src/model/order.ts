/** @file Topological order of nodes. */

import { OnnxError } from '../errors.ts';
import type { Graph, Node } from './model.ts';
import { needsOf } from './subgraphs.ts';

/**
 * Sorts nodes topologically; a valid order stays as it is.
 *
 * @param around values from the surrounding graph, for a branch
 * @throws OnnxError if a value is computed twice or never, or the graph has a cycle
 */
export function sortNodes(graph: Graph, around: Iterable<string> = []): Node[] {
  const known = new Set<string>([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys(), '', ...around]);
  const maker = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (known.has(output) || maker.has(output)) {
        throw new OnnxError(
          `Value ${output} is made twice, the second time by node ${node.name}; export the model again`,
        );
      }
      maker.set(output, node);
    }
  }
  const sorted: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const start of graph.nodes) {
    const stack = [start];
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!;
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      const waiting = needsOf(node).filter((input) => !known.has(input));
      if (waiting.length === 0) {
        stack.pop();
        state.set(node, 'done');
        sorted.push(node);
        for (const output of node.outputs) known.add(output);
        continue;
      }
      if (state.get(node) === 'open') throw new OnnxError(`Node ${node.name} waits for itself; export the model again`);
      state.set(node, 'open');
      for (const input of waiting.reverse()) {
        const source = maker.get(input);
        if (source === undefined) {
          throw new OnnxError(`Value ${input}, which node ${node.name} needs, is made nowhere; export the model again`);
        }
        stack.push(source);
      }
    }
  }
  for (const { name } of graph.outputs) {
    if (!known.has(name)) throw new OnnxError(`Output ${name} is made nowhere; export the model again`);
  }
  return sorted;
}
