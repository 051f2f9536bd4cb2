/**
 * @file The table of operators: what is known of each, as data. Rules for shapes, folding, batches and gradients are code,
 * in folders of their own; the lists of names that they share come from here.
 *
 * A new operator is a line in the table, a rule in each of those folders that needs one, and tests of the rules.
 */

import { COMPOSITES } from './table/composites.ts';
import { CONTRIB } from './table/contrib.ts';
import { ELEMENTWISE } from './table/elementwise.ts';
import { LAYERS } from './table/layers.ts';
import { MOVEMENT } from './table/movement.ts';
import type { AttributeKind, AttributeNames, Family, Operator } from './table/operator.ts';
import { OTHERS } from './table/others.ts';

/** All operators of standard ONNX up to opset 26, and those of ONNX Runtime that are known; by type, with the domain. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries({ ...ELEMENTWISE, ...LAYERS, ...MOVEMENT, ...OTHERS, ...CONTRIB, ...COMPOSITES }),
);

/** The operators of which something holds. */
export function operatorsThat(holds: (operator: Operator) => boolean): readonly string[] {
  return [...OPERATORS].filter(([, operator]) => holds(operator)).map(([opType]) => opType);
}

/** The operators of some families. */
export function operatorsIn(...families: readonly Family[]): readonly string[] {
  return operatorsThat(({ family }) => family !== undefined && families.includes(family));
}

/** One rule for many operators. */
export function ruleFor<Rule>(opTypes: readonly string[], rule: Rule): Readonly<Record<string, Rule>> {
  return Object.fromEntries(opTypes.map((opType) => [opType, rule]));
}

/** Whether a gradient ends at this operator: its outputs are piecewise constant, or not numbers. */
export function isFlat(opType: string): boolean {
  return OPERATORS.get(opType)?.flat === true;
}

const KINDS: readonly AttributeKind[] = [
  'type',
  'int',
  'float',
  'string',
  'tensor',
  'ints',
  'floats',
  'strings',
  'graph',
];

/**
 * The attributes of an operator, with their kinds.
 *
 * @param opset below 18, those of older opsets are among them
 * @returns `undefined` for an operator that is not in the table
 */
export function attributeKinds(opType: string, opset = 18): ReadonlyMap<string, AttributeKind> | undefined {
  const operator = OPERATORS.get(opType);
  if (operator === undefined) return undefined;
  const kinds = new Map<string, AttributeKind>();
  const listed: readonly AttributeNames[] = [operator, (opset < 18 && operator.before18) || {}];
  for (const names of listed) {
    for (const kind of KINDS) for (const name of names[kind]?.split(' ') ?? []) kinds.set(name, kind);
  }
  return kinds;
}
