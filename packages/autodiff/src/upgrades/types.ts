/** @file What a step of the upgrade sees and says. */

import type { Attributes, GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import type { Attribute, Node } from '../model/model.ts';
import { intsAttribute } from '../operators/attributes.ts';

/** What a rule may ask, and what it may add around the node that it rewrites. */
export interface UpgradeContext {
  readonly b: GraphBuilder;
  /** The opset that the node was written for. */
  readonly opset: number;
  /** Adds a node in front and gives its output's name. */
  op(opType: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Whether anything uses the value. */
  isUsed(value: string): boolean;
}

/** Writes a node anew, as the last of the nodes that take its place: it keeps the outputs. */
export type UpgradeRule = (node: Node, context: UpgradeContext) => Node;

export function without(node: Node, ...names: readonly string[]): Map<string, Attribute> {
  return new Map([...node.attributes].filter(([name]) => !names.includes(name)));
}

/** The node as another operator. */
export function as(
  { b }: UpgradeContext,
  node: Node,
  opType: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): Node {
  return { ...b.node(opType, inputs, node.outputs.slice(0, 1), attributes), name: node.name };
}

/** An attribute of whole numbers that became an input. */
export function toInput(attribute: string, place: number): UpgradeRule {
  return (node, { b }) => {
    const values = intsAttribute(node, attribute);
    return values === undefined ? node : withInput(node, attribute, place, b.ints(values));
  };
}

/** The node with an input in place of an attribute. */
export function withInput(node: Node, attribute: string, place: number, value: string): Node {
  const inputs = [...node.inputs];
  while (inputs.length < place) inputs.push('');
  inputs[place] = value;
  return { ...node, inputs, attributes: without(node, attribute) };
}

export function refuse({ opType, name }: Node, what: string): never {
  throw new OnnxError(`${opType} (node ${name}) ${what}`);
}
