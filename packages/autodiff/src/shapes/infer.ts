/** @file Static shape inference, one node at a time. */

import { OnnxError } from '../errors.ts';
import { type Entries, isKnown } from '../model/entries.ts';
import type { Dim, Node } from '../model/model.ts';
import type { DataType, TensorValue } from '../model/tensor.ts';
import { checkNode, type KnownInputs, MOST_AXES } from '../operators/check.ts';
import { SHAPE_RULES } from './rules.ts';
import type { ShapeRules, ValueType } from './types.ts';

/**
 * Types and shapes of a node's outputs; `undefined` where the operator has no rule, or the type of an input is unknown.
 *
 * @param typeOf type and shape of a value
 * @param constantOf the constant of this name
 * @param entriesOf the known elements of a small computed value
 * @param rules by operator type
 * @throws OnnxError if the inputs do not fit the operator
 */
export function inferNode(
  node: Node,
  typeOf: (value: string) => ValueType | undefined,
  constantOf: (value: string) => TensorValue | undefined,
  entriesOf: (value: string) => Entries | undefined,
  rules: ShapeRules = SHAPE_RULES,
): readonly (ValueType | undefined)[] {
  const fail = (what: string): never => {
    throw new OnnxError(`${node.opType} (node ${node.name}) ${what}; export the model again`);
  };
  checkNode(node, knownInputs(node, typeOf, constantOf, entriesOf));
  const rule = Object.hasOwn(rules, node.opType) ? rules[node.opType] : undefined;
  const unknown = node.inputs.some((input) => input !== '' && typeOf(input) === undefined);
  if (rule === undefined || unknown) return node.outputs.map(() => undefined);
  const has = (index: number): boolean => (node.inputs[index] ?? '') !== '';
  const constant = (index: number): TensorValue | undefined =>
    has(index) ? constantOf(node.inputs[index]!) : undefined;
  const ints = (index: number): readonly number[] | undefined => {
    const value = constant(index);
    const entries = value === undefined && has(index) ? entriesOf(node.inputs[index]!) : undefined;
    const { type } = value ?? entries ?? {};
    if (type !== undefined && !WHOLE.has(type))
      fail(`has ${type} numbers as input ${index + 1}, where whole ones belong`);
    if (value !== undefined && value.data.length > MOST_NUMBERS) {
      fail(`has ${value.data.length} numbers as input ${index + 1}, where at most ${MOST_NUMBERS} belong`);
    }
    if (value !== undefined) return Array.from(value.data as ArrayLike<number | bigint>, Number);
    return entries !== undefined && isKnown(entries.data) ? entries.data : undefined;
  };
  const types = rule({
    node,
    input: (index) => (has(index) ? typeOf(node.inputs[index]!) : undefined) ?? fail(`lacks input ${index + 1}`),
    has,
    constant,
    ints,
    lengths: (index) => {
      const entries = has(index) ? entriesOf(node.inputs[index]!) : undefined;
      return ints(index) ?? (entries && WHOLE.has(entries.type) ? entries.data : undefined);
    },
    fail,
  });
  if (!types.every(({ shape }) => isShape(shape))) fail('has attributes that do not fit its inputs');
  // Rules may leave out further outputs (masks, statistics), which then count as having the type of the first.
  return node.outputs.map((_, index) => types[index] ?? types[0] ?? fail('has no output'));
}

/** The types of axes, pads, sizes. */
const WHOLE: ReadonlySet<DataType> = new Set(['int32', 'int64']);

/** More than any list of axes, lengths or parts has. */
const MOST_NUMBERS = 2 ** 16;

/**
 * What is known of a node's inputs, to check them.
 *
 * @param typeOf, constantOf, entriesOf as for {@link inferNode}
 */
export function knownInputs(
  { inputs }: Node,
  typeOf: (value: string) => ValueType | undefined,
  constantOf: (value: string) => TensorValue | undefined,
  entriesOf: (value: string) => Entries | undefined,
): KnownInputs {
  return {
    shape: (index) => typeOf(inputs[index] ?? '')?.shape,
    numbers(index) {
      const name = inputs[index] ?? '';
      const constant = constantOf(name);
      // Halves are held as bits.
      if (constant !== undefined) return constant.type === 'float16' ? undefined : constant.data;
      const data = entriesOf(name)?.data;
      return data !== undefined && isKnown(data) ? data : undefined;
    },
  };
}

/** Not `every`, which takes its time over an array with holes. */
function isShape(shape: readonly (Dim | undefined)[]): boolean {
  if (shape.length > MOST_AXES) return false;
  for (let axis = 0; axis < shape.length; axis++) if (!isDim(shape[axis])) return false;
  return true;
}

/** Attributes that are out of range (axes, pads) result in lengths that are not natural numbers. */
function isDim(dim: Dim | undefined): boolean {
  return typeof dim === 'string' || (Number.isInteger(dim) && Number(dim) >= 0);
}
