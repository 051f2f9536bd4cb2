/** @file Attributes of nodes, read by kind, with the operator's default where one is left out. */

import type { Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';

/** A whole-number attribute. */
export function intAttribute<T extends number | undefined>(node: Node, name: string, otherwise: T): number | T {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

export function floatAttribute(node: Node, name: string, otherwise: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : otherwise;
}

export function stringAttribute(node: Node, name: string, otherwise: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : otherwise;
}

export function intsAttribute(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value : undefined;
}

export function tensorAttribute(node: Node, name: string): TensorValue | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
}

/** Attributes that hold real numbers; all other numeric attributes of the standard hold integers. */
const FLOAT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'alpha',
  'beta',
  'epsilon',
  'gamma',
  'bias',
  'momentum',
  'lambd',
  'cubic_coeff_a',
  'extrapolation_value',
]);

/** Whether an attribute with this name holds real numbers, in every operator that has one. */
export function isFloatAttribute(name: string): boolean {
  return FLOAT_ATTRIBUTES.has(name);
}
