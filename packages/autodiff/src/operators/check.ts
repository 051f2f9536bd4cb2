/** @file Checks nodes against the table of operators: ranges of attributes and of inputs that are constants. */

import { OnnxError } from '../errors.ts';
import type { Dim, Graph, Model, Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import type { Operator } from './table/operator.ts';
import { namedRange, type Range } from './table/ranges.ts';
import { OPERATORS } from './table.ts';

/** What is known of the inputs of a node, which are counted from 0. */
export interface KnownInputs {
  /** The shape of an input; `undefined` where it is not known. */
  shape(index: number): readonly Dim[] | undefined;
  /** The numbers in an input; `undefined` where they are not known. */
  numbers(index: number): ArrayLike<number | bigint> | undefined;
}

/** More axes than any runtime supports. */
export const MOST_AXES = 64;

/**
 * Checks what an operator's schema says of attributes and constant inputs: range, sign, number of elements.
 *
 * @throws OnnxError naming operator, node, attribute, value and the allowed range
 */
export function checkNode(node: Node, inputs: KnownInputs): void {
  const operator = OPERATORS.get(node.opType);
  // Steps of our own gradients pad by negative widths, too.
  if (operator === undefined || operator.composite) return;
  const rank = inputs.shape(0)?.length;
  for (const [name, { kind, value }] of node.attributes) {
    const own = operator.ranges?.[name];
    if (kind === 'int' || kind === 'ints') {
      const values = kind === 'int' ? [value] : value;
      checkRange(node, `the attribute ${name}`, values, own ?? namedRange(name), rank);
    } else if (own !== undefined && (kind === 'float' || kind === 'floats')) {
      checkRange(node, `the attribute ${name}`, kind === 'float' ? [value] : value, own, rank);
    }
  }
  checkOrder(node, operator.order);
  if (operator.inputs === undefined) return;
  for (const [place, { range, single, vector }] of Object.entries(operator.inputs)) {
    const index = Number(place);
    if ((node.inputs[index] ?? '') === '') continue;
    const shape = inputs.shape(index);
    if (single && shape?.some((dim) => typeof dim === 'number' && dim !== 1)) {
      fail(node, `input ${index + 1} of shape [${shape.join(', ')}], where a single number belongs`);
    }
    if (vector && shape !== undefined && shape.length !== 1) {
      fail(node, `input ${index + 1} of shape [${shape.join(', ')}], where numbers along one axis belong`);
    }
    const values = range === undefined ? undefined : inputs.numbers(index);
    if (values !== undefined) checkRange(node, `the input ${node.inputs[index]}`, values, range!, rank);
  }
}

/** Of two attributes that are bounds the first must be no larger. */
function checkOrder(node: Node, order: Operator['order']): void {
  if (order === undefined) return;
  const [low, high] = order.map(({ name, usual }) => {
    const attribute = node.attributes.get(name);
    return attribute?.kind === 'float' ? attribute.value : usual;
  });
  if (low! <= high!) return;
  fail(
    node,
    `${low} as the attribute ${order[0].name} and ${high} as ${order[1].name}, where the first may not be larger`,
  );
}

function checkRange(
  node: Node,
  what: string,
  values: ArrayLike<number | bigint>,
  range: Range,
  rank: number | undefined,
): void {
  if (range === 'any') return;
  const isOfAxes = range === 'axis' || range === 'boundary' || range === 'axis of result' || range === 'permutation';
  if (isOfAxes && values.length > MOST_AXES) {
    fail(node, `${values.length} numbers as ${what}, where there are at most ${MOST_AXES} axes`);
  }
  const [least, greatest] = boundsOf(range, values.length, rank);
  for (let index = 0; index < values.length; index++) {
    const value = Number(values[index]);
    if (value >= least && value <= greatest && !(range === 'nonzero' && value === 0)) continue;
    const allowed = range === 'nonzero' ? 'any number but 0' : `${least} to ${greatest}`;
    fail(node, `${values[index]} as ${what}, where ${allowed} is allowed`);
  }
  if (!isOfAxes || values.length < 2) return;
  const count = range === 'axis of result' ? (rank ?? 0) + values.length : (rank ?? 0);
  const places = new Set(
    Array.from(values, (value) => (value < 0 && rank !== undefined ? Number(value) + count : Number(value))),
  );
  const isWhole = range !== 'permutation' || rank === undefined || values.length === rank;
  if (places.size < values.length || !isWhole) {
    const wanted = range === 'permutation' ? `each axis from 0 to ${(rank ?? values.length) - 1}` : 'each axis at most';
    fail(node, `[${Array.from(values).join(', ')}] as ${what}, where ${wanted} belongs once`);
  }
}

function boundsOf(range: Range, count: number, rank: number | undefined): readonly [least: number, greatest: number] {
  if (typeof range !== 'string') return range;
  if (range === 'nonzero' || range === 'any') return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (rank === undefined) return [range === 'permutation' ? 0 : -MOST_AXES, MOST_AXES - 1];
  switch (range) {
    case 'axis':
      // A scalar counts as one axis, as in NumPy and ONNX Runtime.
      return [-Math.max(1, rank), Math.max(1, rank) - 1];
    case 'boundary':
      return [-rank, rank];
    case 'axis of result':
      return [-(rank + count), rank + count - 1];
    case 'permutation':
      return [0, rank - 1];
  }
}

function fail({ opType, name }: Node, what: string): never {
  throw new OnnxError(`${opType} (node ${name}) has ${what}; export the model again`);
}

/**
 * Checks all nodes of a model, also those of graphs inside nodes, as far as that is possible without shapes.
 *
 * @throws OnnxError where an attribute or a constant input is out of range
 */
export function checkNodes({ graph }: Model): void {
  const open: Graph[] = [graph];
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    const { nodes, initializers } = inner;
    const constant = (name: string): TensorValue | undefined => initializers.get(name);
    for (const node of nodes) {
      const input = (index: number): TensorValue | undefined => constant(node.inputs[index] ?? '');
      checkNode(node, {
        // The axes of the first input count from its shape where it is computed, which is not known here.
        shape: (index) => (index === 0 ? undefined : input(index)?.dims),
        numbers: (index) => (input(index)?.type === 'float16' ? undefined : input(index)?.data),
      });
      for (const attribute of node.attributes.values()) if (attribute.kind === 'graph') open.push(attribute.value);
    }
  }
}
