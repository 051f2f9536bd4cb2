/** @file Attributes of nodes, read by kind, and written as the table of operators says. */

import { OnnxError } from '../errors.ts';
import type { Attribute, Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { attributeKinds } from './table.ts';

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

/**
 * The value of an attribute of a new node. The table of operators says of which kind it is; an operator that is not in the
 * table needs whole attributes ({@link Attribute}), such as `{ kind: 'float', value: 1 }`. `undefined` leaves it out.
 */
export type AttributeInput =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | TensorValue
  | Attribute
  | undefined;

/** Attributes of a new node, by name. */
export type Attributes = Readonly<Record<string, AttributeInput>>;

/**
 * Attributes as they stand in a node.
 *
 * @throws OnnxError if the operator has no attribute of a name, or has it of another kind
 */
export function writtenAttributes(opType: string, attributes: Attributes): ReadonlyMap<string, Attribute> {
  const written = new Map<string, Attribute>();
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) written.set(name, attributeOf(opType, name, value));
  }
  return written;
}

/** What belongs into an attribute of each kind, and whether a value does. */
const CONTENTS: { readonly [Kind in Attribute['kind']]: readonly [string, (value: unknown) => boolean] } = {
  int: ['an integer', Number.isInteger],
  float: ['a number', isNumber],
  string: ['a string', isString],
  tensor: ['a tensor', (value) => typeof value === 'object' && value !== null && 'dims' in value],
  ints: ['a list of integers', listOf(Number.isInteger)],
  floats: ['a list of numbers', listOf(isNumber)],
  strings: ['a list of strings', listOf(isString)],
  graph: ['a graph', (value) => typeof value === 'object' && value !== null && 'nodes' in value],
};

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function listOf(holds: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(holds);
}

function attributeOf(opType: string, name: string, value: Exclude<AttributeInput, undefined>): Attribute {
  const kinds = attributeKinds(opType);
  const whole = typeof value === 'object' && 'kind' in value ? value : undefined;
  if (kinds === undefined) {
    if (whole !== undefined) return whole;
    throw new OnnxError(
      `${opType} is not a known operator, so the kind of its attribute ${name} must be given, as in { kind: 'float', value: 1 }`,
    );
  }
  const listed = kinds.get(name);
  if (listed === undefined) {
    const known = [...kinds.keys()].sort().join(', ');
    throw new OnnxError(
      `${opType} has no attribute ${name}; ${known === '' ? 'it has no attributes' : `its attributes are ${known}`}`,
    );
  }
  const kind = listed === 'type' ? 'int' : listed;
  const [belongs, fits] = CONTENTS[kind];
  if (whole !== undefined) {
    if (whole.kind === kind) return whole;
    throw new OnnxError(`The attribute ${name} of ${opType} is ${belongs} (${kind}), but is given as ${whole.kind}`);
  }
  if (!fits(value)) {
    throw new OnnxError(`The attribute ${name} of ${opType} must be ${belongs}, but is ${JSON.stringify(value)}`);
  }
  return { kind, value } as Attribute;
}
