/** @file Rewrites a graph node by node: how every lowering works. */

import { GraphBuilder } from '../builder/builder.ts';
import type { Model, Node } from '../model/model.ts';
import { needsOf, renamedNode } from '../model/subgraphs.ts';

/** What a rule is given. */
export interface LoweringContext {
  /** The new graph, with everything that comes before the node. */
  readonly b: GraphBuilder;
  /** The node, with inputs of the new graph; its outputs have their old names, and are not in the new graph yet. */
  readonly node: Node;
  /** How many nodes and outputs of the old graph use an output of the node. */
  uses(output: string): number;
  /** The names that the inputs of the node have in the old graph. */
  readonly originals: readonly string[];
}

/**
 * Adds nodes that compute a node's outputs, and gives their names; `undefined` to keep the node. An output that nothing
 * uses may be left out.
 */
export type LoweringRule = (context: LoweringContext) => readonly (string | undefined)[] | undefined;

/** Rules by operator type. */
export type LoweringRules = Readonly<Record<string, LoweringRule>>;

/**
 * The same computation, with the nodes that have a rule written in other operators. Names of inputs, outputs and constants
 * stay.
 */
export function expand(model: Model, rules: LoweringRules): Model {
  const { graph } = model;
  const b = new GraphBuilder(graph.name, model.opset);
  b.reserve(model);
  for (const { name, type, shape } of graph.inputs) b.input(name, type, shape ?? []);
  for (const [name, value] of graph.initializers) b.initializer(name, value);
  const described = new Map(graph.described?.map(({ name, type, shape = [] }) => [name, { type, shape }]));
  const counts = usesOf(model);
  const renamed = new Map<string, string>();
  for (const node of graph.nodes) {
    const context = {
      b,
      node: { ...renamedNode(node, renamed), outputs: node.outputs },
      uses: (output: string) => counts.get(output) ?? 0,
      originals: node.inputs,
    };
    const outputs = Object.hasOwn(rules, node.opType) ? rules[node.opType]!(context) : undefined;
    if (outputs === undefined) b.add(context.node);
    node.outputs.forEach((output, index) => {
      const now = outputs === undefined ? output : outputs[index];
      if (output === '' || now === undefined) return;
      if (now !== output) renamed.set(output, now);
      const type = described.get(output);
      if (type !== undefined) b.describe(now, type);
    });
  }
  return withOutputs(b, model, renamed);
}

function usesOf({ graph }: Model): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const used = [...graph.nodes.flatMap(needsOf), ...graph.outputs.map(({ name }) => name)];
  for (const value of used) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The graph with its outputs under their old names. */
function withOutputs(b: GraphBuilder, { graph }: Model, renamed: ReadonlyMap<string, string>): Model {
  const back = new Map<string, string>();
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  for (const name of outputs) {
    const now = renamed.get(name);
    if (now === undefined) continue;
    // A value that has to keep its name, or already has another, is copied.
    if (b.makerOf(now) === undefined || back.has(now) || outputs.has(now)) b.op('Identity', [now], {}, name);
    else back.set(now, name);
  }
  for (const { name } of graph.outputs) b.output(b.has(name) ? name : renamed.get(name)!);
  const built = b.build();
  if (back.size === 0) return built;
  const rename = (value: string): string => back.get(value) ?? value;
  const { described = [], ...rest } = built.graph;
  return {
    ...built,
    graph: {
      ...rest,
      described: described.map((value) => ({ ...value, name: rename(value.name) })),
      nodes: rest.nodes.map((node) => renamedNode(node, back)),
      outputs: rest.outputs.map((output) => ({ ...output, name: rename(output.name) })),
    },
  };
}
