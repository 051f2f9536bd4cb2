/** @file A model under other names, so that it can stand beside another one in a graph. */

import { OnnxError } from '../errors.ts';
import type { Model, Node, ValueInfo } from './model.ts';

/**
 * The model with a prefix before the names of all of its values and nodes, inputs and outputs too: `GraphBuilder.append` then adds
 * it to a graph that holds another model, whatever that one's names are.
 *
 * @throws {@link OnnxError} if a node has a graph inside, whose names could mean values outside of it
 */
export function prefixed(model: Model, prefix: string): Model {
  const { graph } = model;
  // An empty name is an optional value that is left out.
  const other = (name: string): string => (name === '' ? '' : `${prefix}${name}`);
  const info = (value: ValueInfo): ValueInfo => ({ ...value, name: other(value.name) });
  const nodes = graph.nodes.map((node): Node => {
    if ([...node.attributes.values()].some(({ kind }) => kind === 'graph')) {
      throw new OnnxError(
        `${node.opType} (node ${node.name}) has a graph inside, so the model cannot be part of another; export it without branches and loops`,
      );
    }
    return { ...node, name: other(node.name), inputs: node.inputs.map(other), outputs: node.outputs.map(other) };
  });
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.map(info),
      outputs: graph.outputs.map(info),
      initializers: new Map([...graph.initializers].map(([name, value]) => [other(name), value])),
      nodes,
      ...(graph.described === undefined ? {} : { described: graph.described.map(info) }),
    },
  };
}
