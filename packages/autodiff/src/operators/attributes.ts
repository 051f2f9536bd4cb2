/** @file Attributes of nodes, read by kind. */

import type { Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';

/**
 * An integer attribute.
 *
 * @param otherwise what to return when the node has no integer attribute of this name: the operator's default
 */
export function intAttribute<T extends number | undefined>(node: Node, name: string, otherwise: T): number | T {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

/**
 * A float attribute; an integer counts as one.
 *
 * @param otherwise what to return when the node has no numeric attribute of this name: the operator's default
 */
export function floatAttribute(node: Node, name: string, otherwise: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : otherwise;
}

/**
 * A string attribute.
 *
 * @param otherwise what to return when the node has no string attribute of this name: the operator's default
 */
export function stringAttribute(node: Node, name: string, otherwise: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : otherwise;
}

/** A list of integers; `undefined` when the node has no such attribute of this name. */
export function intsAttribute(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value : undefined;
}

/** A tensor; `undefined` when the node has no such attribute of this name. */
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

/** Whether a number under this attribute name is a float; the name means the same in every operator that has it. */
export function isFloatAttribute(name: string): boolean {
  return FLOAT_ATTRIBUTES.has(name);
}
