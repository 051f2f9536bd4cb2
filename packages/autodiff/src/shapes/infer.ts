/** @file Static shape inference, a node at a time. */

import { OnnxError } from '../errors.ts';
import type { Node } from '../graph/model.ts';
import type { TensorValue } from '../graph/tensor.ts';
import { SHAPE_RULES } from './rules.ts';
import type { ValueType } from './types.ts';

/**
 * Types and shapes of a node's outputs; `undefined` behind an operator that has no rule.
 *
 * @param typeOf of the values made so far
 * @param constantOf of the constants
 * @throws OnnxError where the inputs do not fit
 */
export function inferNode(
  node: Node,
  typeOf: (value: string) => ValueType | undefined,
  constantOf: (value: string) => TensorValue | undefined,
): readonly (ValueType | undefined)[] {
  const fail = (what: string): never => {
    throw new OnnxError(`${node.opType} (node ${node.name}) ${what}; export the model again`);
  };
  const rule = SHAPE_RULES[node.opType];
  const unknown = node.inputs.some((input) => input !== '' && typeOf(input) === undefined);
  if (rule === undefined || unknown) return node.outputs.map(() => undefined);
  const has = (index: number): boolean => (node.inputs[index] ?? '') !== '';
  const constant = (index: number): TensorValue | undefined =>
    has(index) ? constantOf(node.inputs[index]!) : undefined;
  const types = rule({
    node,
    input: (index) => (has(index) ? typeOf(node.inputs[index]!) : undefined) ?? fail(`lacks input ${index + 1}`),
    has,
    constant,
    ints: (index) => {
      const value = constant(index);
      return value === undefined ? undefined : Array.from(value.data as ArrayLike<number | bigint>, Number);
    },
    fail,
  });
  // Operators whose further outputs nobody needs here (masks, statistics) say the first one only.
  return node.outputs.map((_, index) => types[index] ?? types[0] ?? fail('has no output'));
}
