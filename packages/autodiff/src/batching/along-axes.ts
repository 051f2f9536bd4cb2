/**
 * @file The batch axis through operators that combine elements along axes: windows, normalizations, reductions,
 * products.
 */

import { normalAxis } from '../model/dims.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../operators/attributes.ts';
import { einsumOf } from '../operators/einsum.ts';
import { OPERATORS, operatorsIn, ruleFor } from '../operators/table.ts';
import { type BatchAxis, type BatchContext, type BatchRule, everywhere, firstAlone, isPure, ownAxis } from './axis.ts';
import { commonAxis } from './elementwise.ts';

/** The first axis is the batch by definition. */
const images: BatchRule = (context) => {
  const batch = firstAlone(context);
  if (batch.axis !== 0) context.refuse('the images do not lie along the first axis');
  if (intAttribute(context.node, 'training_mode', 0) !== 0) context.refuse('it takes statistics over the images');
  return everywhere(context, batch);
};

/** Operators along one axis, which must not be that of the batch. */
const alongAxis: BatchRule = (context) => {
  const { node } = context;
  const batch = firstAlone(context);
  const axis = ownAxis(context, OPERATORS.get(node.opType)?.axis ?? -1);
  if (axis === batch.axis) return takenApart(context, batch);
  const keeps = intAttribute(node, 'keepdims', 1) !== 0;
  return everywhere(context, keeps || axis > batch.axis ? batch : { ...batch, axis: batch.axis - 1 });
};

/** A softmax over an axis that contains the batch: split off the batch, and merge it again afterwards. */
function takenApart(context: BatchContext, batch: BatchAxis) {
  const { b, node, shape, refuse } = context;
  if (batch.outer !== 1 || batch.inner === 1 || !node.opType.endsWith('oftmax')) {
    return refuse('it goes along the axis of the images');
  }
  const own = shape(0);
  const rows = b.op('Reshape', [node.inputs[0]!, b.ints([...own.slice(0, batch.axis), -1, ...own.slice(batch.axis)])]);
  const result = b.op(node.opType, [rows], { axis: batch.axis + 1 });
  const target = b.ints(own.map((length, axis) => (axis === batch.axis ? -1 : length)));
  return everywhere(context, batch, { ...node, opType: 'Reshape', inputs: [result, target], attributes: new Map() });
}

/** Operators along all axes from `axis` on. */
const fromAxis: BatchRule = (context) => {
  const batch = firstAlone(context);
  if (ownAxis(context, -1) <= batch.axis) context.refuse('it goes along the axis of the images');
  return everywhere(context, batch);
};

/** Statistics over the listed axes; for one image the batch axis contributed nothing, so it can be left out. */
const meanVariance: BatchRule = (context) => {
  const { node, shape, refuse } = context;
  const batch = firstAlone(context);
  const axes = (intsAttribute(node, 'axes') ?? [0, 2, 3]).map((axis) => normalAxis(axis, shape(0).length));
  if (!axes.includes(batch.axis)) return everywhere(context, batch);
  if (!isPure(batch)) return refuse('it goes along the axis of the images');
  const value = axes.filter((axis) => axis !== batch.axis);
  return everywhere(context, batch, { ...node, attributes: new Map([['axes', { kind: 'ints', value }]]) });
};

const reduction: BatchRule = (context) => {
  const { b, node, shape, has, ints, refuse } = context;
  const batch = firstAlone(context);
  const rank = shape(0).length;
  const given = has(1) ? ints(1).map((axis) => normalAxis(axis, rank)) : [];
  if (given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) !== 0) return everywhere(context, batch);
  const axes = given.length === 0 ? shape(0).map((_, axis) => axis) : given;
  const keeps = intAttribute(node, 'keepdims', 1) !== 0;
  if (!axes.includes(batch.axis)) {
    const gone = keeps ? 0 : axes.filter((axis) => axis < batch.axis).length;
    return everywhere(context, { ...batch, axis: batch.axis - gone });
  }
  const rest = axes.filter((axis) => axis !== batch.axis);
  if (!keeps || rest.length === 0 || !isPure(batch) || OPERATORS.get(node.opType)?.keepsOne !== true) {
    return refuse('it goes along the axis of the images');
  }
  return everywhere(context, batch, { ...node, inputs: [node.inputs[0]!, b.ints(rest)] });
};

const matMul: BatchRule = (context) => {
  const { batch, shape, out, refuse } = context;
  const [left, right] = [batch(0), batch(1)];
  const [rows, columns] = [shape(0).length, shape(1).length];
  if (rows < 2 || columns < 2) {
    if (left !== undefined && right === undefined && left.axis < rows - 1) return everywhere(context, left);
    return refuse('it sums over the images');
  }
  const isLeading = (place: BatchAxis | undefined, rank: number): boolean =>
    place === undefined || place.axis < rank - 2;
  if (isLeading(left, rows) && isLeading(right, columns)) {
    const place = commonAxis(context);
    const shared = left === undefined ? 0 : right === undefined ? 1 : undefined;
    const length = shared === undefined ? 1 : shape(shared)[place.axis - out.length + shape(shared).length];
    return (length ?? 1) === 1
      ? everywhere(context, place)
      : refuse('a parameter differs along the axis of the images');
  }
  if (right === undefined && left?.axis === rows - 2) return everywhere(context, { ...left, axis: out.length - 2 });
  if (left === undefined && right?.axis === columns - 1) return everywhere(context, { ...right, axis: out.length - 1 });
  return refuse('it sums over the images');
};

const gemm: BatchRule = (context) => {
  const { node, batch, shape, has, refuse } = context;
  const [left, right, sum] = [batch(0), batch(1), batch(2)];
  const rows = intAttribute(node, 'transA', 0) === 0 ? 0 : 1;
  if (left?.axis !== rows || right !== undefined) return refuse('it sums over the images');
  const place = { ...left, axis: 0 };
  const added = has(2) ? shape(2) : [];
  const length = added.length < 2 ? 1 : added[0];
  const fits =
    sum === undefined ? length === 1 : sum.axis === 0 && sum.inner === left.inner && sum.outer === left.outer;
  return fits ? everywhere(context, place) : refuse('a parameter differs along the axis of the images');
};

/** The batch axis must have the same letter in all operands that have it, and in the output. */
const einsum: BatchRule = (context) => {
  const { node, batch, shape, first, refuse } = context;
  const ranks = node.inputs.map((_, index) => shape(index).length);
  const { inputs, output } = einsumOf(stringAttribute(node, 'equation', ''), ranks, refuse);
  const letters = new Set(inputs.flatMap((term, index) => term[batch(index)?.axis ?? -1] ?? []));
  const [letter = ''] = letters;
  const shared = inputs.some((term, index) => {
    const length = shape(index)[term.indexOf(letter)] ?? 1;
    return batch(index) === undefined && length !== 1;
  });
  const axis = output.indexOf(letter);
  const twice = inputs.some((term) => term.indexOf(letter) !== term.lastIndexOf(letter));
  if (letters.size !== 1 || axis < 0 || shared || twice) return refuse('it sums over the images');
  return everywhere(context, { ...first, axis });
};

export const ALONG_AXES_BATCHES: Readonly<Record<string, BatchRule>> = {
  ...ruleFor(operatorsIn('images'), images),
  ...ruleFor(operatorsIn('alongAxis'), alongAxis),
  ...ruleFor(operatorsIn('fromAxis'), fromAxis),
  ...ruleFor(operatorsIn('reduction'), reduction),
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matMul,
  MeanVarianceNormalization: meanVariance,
};
