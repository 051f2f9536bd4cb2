/** @file Adds operators to graphs in the form that `upgrade` gives them. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Attribute, AttributeValues, Graph, Model, Node, ValueInfo } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { upgrade } from '../upgrades/upgrade.ts';

/** Attributes with their kinds. */
export type Written = Readonly<
  Record<string, { [Kind in keyof AttributeValues]: readonly [Kind, AttributeValues[Kind]] }[keyof AttributeValues]>
>;

/** A node as it is in a file. */
export function writtenNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Written = {},
): Node {
  const entries = Object.entries(attributes).map(([name, [kind, value]]): [string, Attribute] => [
    name,
    { kind, value } as Attribute,
  ]);
  return { name: `the ${opType}`, opType, inputs, outputs, attributes: new Map(entries) };
}

/**
 * The graph inside a node.
 *
 * @param types of the inputs and outputs that are no float32, and have no axes
 */
export function body(
  inputs: readonly string[],
  nodes: readonly Node[],
  outputs: readonly string[],
  initializers: Readonly<Record<string, TensorValue>> = {},
  types: Readonly<Record<string, ValueInfo['type']>> = {},
): Graph {
  // Numbers and conditions have no axes: ONNX Runtime wants to know.
  const info = (name: string): ValueInfo => ({
    name,
    type: types[name] ?? 'float32',
    shape: name in types ? [] : undefined,
  });
  return {
    name: 'body',
    inputs: inputs.map(info),
    outputs: outputs.map(info),
    nodes: nodes.map((node, index) => ({ ...node, name: `${node.opType} ${index} inside` })),
    initializers: new Map(Object.entries(initializers)),
  };
}

/** A model of one node on some inputs and constants. */
export function modelOf(
  node: Node,
  inputs: readonly ValueInfo[],
  constants: Readonly<Record<string, TensorValue>> = {},
  opset = 18,
): Model {
  return {
    opset,
    producer: 'test',
    graph: {
      name: 'graph',
      inputs,
      outputs: node.outputs.filter(Boolean).map((name) => ({ name, type: 'float32', shape: undefined })),
      nodes: [node],
      initializers: new Map(Object.entries(constants)),
    },
  };
}

/**
 * Adds a node in the form that `upgrade` gives it.
 *
 * @param further values of the graph that graphs inside the node use
 * @returns the names of its outputs
 */
export function addUpgraded(
  b: GraphBuilder,
  node: Node,
  further: readonly string[] = [],
  opset = 18,
): readonly string[] {
  const values = [...new Set([...node.inputs, ...further])].filter((name) => name !== '');
  const constants = Object.fromEntries(
    values.flatMap((name) => {
      const value = b.valueOf(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const inputs = values.filter((name) => !(name in constants)).map((name) => ({ name, ...b.typeOf(name) }));
  const { graph } = upgrade(modelOf(node, inputs, constants, opset));
  const names = new Map(values.map((name) => [name, name]));
  const renamed = (name: string): string => {
    if (name === '' || names.has(name)) return names.get(name) ?? '';
    const fresh = b.unique(name);
    names.set(name, fresh);
    return fresh;
  };
  for (const [name, value] of graph.initializers) if (!(name in constants)) b.initializer(renamed(name), value);
  for (const each of graph.nodes) {
    b.add({ ...each, name: b.unique(each.name), inputs: each.inputs.map(renamed), outputs: each.outputs.map(renamed) });
  }
  return node.outputs.map(renamed);
}
