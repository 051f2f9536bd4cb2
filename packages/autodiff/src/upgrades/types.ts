/** @file What an upgrade rule is given and returns. */

import type { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import type { Attribute, Node } from '../model/model.ts';
import { type Attributes, intsAttribute } from '../operators/attributes.ts';

/** What a rule may ask, and what it may add before the node that it rewrites. */
export interface UpgradeContext {
  readonly b: GraphBuilder;
  /** The opset that the node was written for. */
  readonly opset: number;
  /** Adds a node before the one that is rewritten. Returns the name of its output. */
  op(opType: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Adds a node with several outputs before the one that is rewritten. Returns their names. */
  ops(opType: string, inputs: readonly string[], count: number, attributes?: Attributes): readonly string[];
  /** Adds a node as it is before the one that is rewritten. */
  place(node: Node): void;
  /** Whether a node or an output of the graph uses the value. */
  isUsed(value: string): boolean;
}

/** Rewrites a node. The result is the last of the nodes that take its place, and keeps its outputs. */
export type UpgradeRule = (node: Node, context: UpgradeContext) => Node;

export function without(node: Node, ...names: readonly string[]): Map<string, Attribute> {
  return new Map([...node.attributes].filter(([name]) => !names.includes(name)));
}

/** The node with its first output, as another operator. */
export function as(
  { b }: UpgradeContext,
  node: Node,
  opType: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): Node {
  return { ...b.node(opType, inputs, node.outputs.slice(0, 1), attributes), name: node.name };
}

/** A rule for an attribute of integers that became an input. */
export function toInput(attribute: string, place: number): UpgradeRule {
  return (node, { b }) => {
    const values = intsAttribute(node, attribute);
    return values === undefined ? node : withInput(node, attribute, place, b.ints(values));
  };
}

/** The node with an input instead of an attribute. */
export function withInput(node: Node, attribute: string, place: number, value: string): Node {
  const inputs = [...node.inputs];
  while (inputs.length < place) inputs.push('');
  inputs[place] = value;
  return { ...node, inputs, attributes: without(node, attribute) };
}

export function refuse({ opType, name }: Node, what: string): never {
  throw new OnnxError(`${opType} (node ${name}) ${what}`);
}
