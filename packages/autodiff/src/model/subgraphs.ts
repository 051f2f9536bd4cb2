/** @file Graphs in attributes of nodes: the branches of If, the bodies of Loop and Scan. */

import type { Attribute, Graph, Node } from './model.ts';
import type { TensorValue } from './tensor.ts';

/** All values that a node depends on: its inputs, and what the graphs inside it use of the surrounding graph. */
export function needsOf(node: Node): readonly string[] {
  const inner = [...node.attributes.values()].flatMap((attribute) =>
    attribute.kind === 'graph' ? [...freeValues(attribute.value)] : [],
  );
  return inner.length === 0 ? node.inputs : [...node.inputs, ...inner];
}

/** All names that the graphs inside a node give: of their inputs, constants, nodes and values. */
export function namesInside(node: Node): readonly string[] {
  return [...node.attributes.values()].flatMap((attribute) => {
    if (attribute.kind !== 'graph') return [];
    const { inputs, initializers, nodes } = attribute.value;
    const own = nodes.flatMap((inner) => [inner.name, ...inner.outputs, ...namesInside(inner)]);
    return [...inputs.map(({ name }) => name), ...initializers.keys(), ...own];
  });
}

/** The values that a graph uses but does not define. */
export function freeValues(graph: Graph): ReadonlySet<string> {
  const known = FREE.get(graph);
  if (known !== undefined) return known;
  const { inputs, initializers, nodes, outputs } = graph;
  const own = new Set(['', ...inputs.map(({ name }) => name), ...initializers.keys()]);
  for (const node of nodes) for (const output of node.outputs) own.add(output);
  const used = [...nodes.flatMap(needsOf), ...outputs.map(({ name }) => name)];
  const free = new Set(used.filter((name) => !own.has(name)));
  FREE.set(graph, free);
  return free;
}

/** The free values of graphs that were asked for: a graph may lie in hundreds of others. */
const FREE = new WeakMap<Graph, ReadonlySet<string>>();

/** How the values of a graph inside a node are named in the graph around it. */
export interface Naming {
  /** Gives an unused name. */
  fresh(stem: string): string;
  /** Adds a constant to the graph around, unless it is there already. Returns its name there. */
  constant(name: string, value: TensorValue): string;
}

/**
 * A branch as part of the surrounding graph, in place of an If whose condition is known: its values get new names, its
 * outputs the names of the If's outputs.
 */
export function inlineBranch(node: Node, branch: Graph, naming: Naming): readonly Node[] {
  const names = new Map<string, string>();
  const made = new Set(branch.nodes.flatMap(({ outputs }) => outputs));
  const copies: Node[] = [];
  branch.outputs.forEach(({ name }, index) => {
    const output = node.outputs[index] ?? '';
    if (output === '') return;
    if (made.has(name) && !names.has(name)) names.set(name, output);
    else
      copies.push({
        name: naming.fresh(node.name),
        opType: 'Identity',
        inputs: [name],
        outputs: [output],
        attributes: new Map(),
      });
  });
  return [
    ...inlined(branch, names, naming),
    ...copies.map((copy) => ({ ...copy, inputs: copy.inputs.map((name) => names.get(name) ?? name) })),
  ];
}

/** What replaces one iteration of a loop. */
export interface InlinedBody {
  readonly nodes: readonly Node[];
  /** The value of each output of the body. */
  readonly outputs: readonly string[];
}

/**
 * The body of a loop as part of the surrounding graph: its values get new names.
 *
 * @param inputs the values that take the place of the body's inputs, in their order
 */
export function inlineBody(body: Graph, inputs: readonly string[], naming: Naming): InlinedBody {
  const names = new Map(body.inputs.map(({ name }, index) => [name, inputs[index] ?? '']));
  const nodes = inlined(body, names, naming);
  return { nodes, outputs: body.outputs.map(({ name }) => names.get(name) ?? name) };
}

/** The nodes of a graph with new names, except for values that have one already; adds the new ones to `names`. */
function inlined({ nodes, initializers }: Graph, names: Map<string, string>, naming: Naming): readonly Node[] {
  for (const [name, value] of initializers) names.set(name, naming.constant(name, value));
  for (const name of nodes.flatMap(({ outputs }) => outputs)) {
    if (name !== '' && !names.has(name)) names.set(name, naming.fresh(name));
  }
  return nodes.map((inner) => ({ ...renamedNode(inner, names), name: naming.fresh(inner.name) }));
}

/** A node with other names for some values, also where graphs inside it use them. */
export function renamedNode(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string): string => names.get(name) ?? name;
  const attributes = new Map(
    [...node.attributes].map(([key, attribute]): [string, Attribute] => [
      key,
      attribute.kind === 'graph' ? { kind: 'graph', value: renamedGraph(attribute.value, names) } : attribute,
    ]),
  );
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename), attributes };
}

/** Renames in a nested graph, where its own values hide those of the same name around it. */
function renamedGraph(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const free = freeValues(graph);
  const outer = new Map([...names].filter(([name]) => free.has(name)));
  const renamed = {
    ...graph,
    nodes: graph.nodes.map((node) => renamedNode(node, outer)),
    outputs: graph.outputs.map((output) => ({ ...output, name: outer.get(output.name) ?? output.name })),
  };
  FREE.set(renamed, new Set([...free].map((name) => outer.get(name) ?? name)));
  return renamed;
}
