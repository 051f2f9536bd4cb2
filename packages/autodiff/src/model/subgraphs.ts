/** @file Graphs in attributes of nodes: the branches of If. */

import type { Attribute, Graph, Node } from './model.ts';
import type { TensorValue } from './tensor.ts';

/** All values that a node depends on: its inputs, and what its branches use of the surrounding graph. */
export function needsOf(node: Node): readonly string[] {
  const inner = [...node.attributes.values()].flatMap((attribute) =>
    attribute.kind === 'graph' ? [...freeValues(attribute.value)] : [],
  );
  return inner.length === 0 ? node.inputs : [...node.inputs, ...inner];
}

/** The values that a graph uses but does not define. */
export function freeValues({ inputs, initializers, nodes, outputs }: Graph): ReadonlySet<string> {
  const own = new Set(['', ...inputs.map(({ name }) => name), ...initializers.keys()]);
  for (const node of nodes) for (const output of node.outputs) own.add(output);
  const used = [...nodes.flatMap(needsOf), ...outputs.map(({ name }) => name)];
  return new Set(used.filter((name) => !own.has(name)));
}

/** What replaces an If whose condition is known. */
export interface Inlined {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, TensorValue>;
}

/**
 * A branch as part of the surrounding graph: its values get new names, its outputs the names of the If's outputs.
 *
 * @param fresh gives an unused name
 */
export function inlineBranch(node: Node, branch: Graph, fresh: (stem: string) => string): Inlined {
  const names = new Map<string, string>();
  const made = new Set(branch.nodes.flatMap(({ outputs }) => outputs));
  const copies: Node[] = [];
  branch.outputs.forEach(({ name }, index) => {
    const output = node.outputs[index] ?? '';
    if (output === '') return;
    if (made.has(name) && !names.has(name)) names.set(name, output);
    else
      copies.push({
        name: fresh(node.name),
        opType: 'Identity',
        inputs: [name],
        outputs: [output],
        attributes: new Map(),
      });
  });
  for (const name of [...branch.initializers.keys(), ...made]) {
    if (name !== '' && !names.has(name)) names.set(name, fresh(name));
  }
  const nodes = [...branch.nodes.map((inner) => ({ ...renamed(inner, names), name: fresh(inner.name) }))];
  return {
    nodes: [
      ...nodes,
      ...copies.map((copy) => ({ ...copy, inputs: copy.inputs.map((name) => names.get(name) ?? name) })),
    ],
    initializers: new Map([...branch.initializers].map(([name, value]) => [names.get(name)!, value])),
  };
}

function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
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
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renamed(node, outer)),
    outputs: graph.outputs.map((output) => ({ ...output, name: outer.get(output.name) ?? output.name })),
  };
}
