/** @file A quantized network in the form that has a gradient. */

import type { Model, Node } from '../../model/model.ts';
import type { DataType } from '../../model/tensor.ts';
import { isQuantized } from '../../operators/quantized.ts';
import { RealForm } from './real-form.ts';
import { REAL_RULES } from './rules.ts';

/**
 * What a gradient of a network is: `exact`, or the estimate of the straight-through estimator (Bengio, Leonard and
 * Courville 2013), since the network rounds what it computes and so has no useful derivative.
 */
export type GradientKind = 'exact' | 'straight-through';

/** A network in floats, to be differentiated. */
export interface RealNetwork {
  readonly model: Model;
  readonly gradientKind: GradientKind;
}

/**
 * A quantized network in float32, for its gradient; to score, run the network itself.
 *
 * Quantized numbers become floats that hold the same integers: QuantizeLinear becomes Clip(Round(x / scale) + zero
 * point), and what computes on integers (QLinearConv, MatMulInteger) becomes the same computation on these floats. Its
 * values are those of the integer operators as long as sums stay below 2^24, but for a rounding that falls the other way
 * where a value lies halfway between two integers. Differentiated by {@link STRAIGHT_THROUGH_RULES}, Round has the
 * derivative 1 and Clip has 0 where a number is saturated, as in PyTorch's fake quantization. Scales that are computed from
 * the range of the numbers (DynamicQuantizeLinear) count as constants. Quantized constants become float constants, so a
 * network whose weights alone are quantized has an exact gradient.
 *
 * @param model in opset 18 or newer (see {@link upgrade})
 * @returns the model itself if nothing is quantized; else one with the same inputs, outputs and names of values
 * @throws {@link NoGradientError} naming the first quantized operator that is not supported
 */
export function straightThrough(model: Model): RealNetwork {
  if (!model.graph.nodes.some(({ opType }) => isQuantized(opType))) return { model, gradientKind: 'exact' };
  const form = new RealForm(model);
  for (const node of model.graph.nodes) {
    const rule = Object.hasOwn(REAL_RULES, node.opType) ? REAL_RULES[node.opType] : undefined;
    if (rule !== undefined) rule(form, node);
    else if (isQuantized(node.opType)) form.refuse(node, 'this quantized operator has no gradient here');
    else moved(form, node);
  }
  for (const { name, type, shape } of model.graph.outputs) {
    if (form.b.has(name) && !form.b.isDescribed(name) && shape !== undefined) form.b.describe(name, { type, shape });
    form.b.output(name);
  }
  const gradientKind = form.rounds ? 'straight-through' : 'exact';
  return { model: { ...model, ...form.b.build(), producer: model.producer }, gradientKind };
}

/** An operator on real numbers, or one that moves integers: constants beside integers that became floats follow them. */
function moved(form: RealForm, node: Node): void {
  const types = new Set<DataType | undefined>(node.inputs.filter((x) => form.isLifted(x)).map((x) => form.typeOf(x)));
  if (types.size === 0) {
    form.add(node);
    return;
  }
  const inputs = node.inputs.map((input) => (input !== '' && types.has(form.typeOf(input)) ? form.real(input) : input));
  form.add({ ...node, inputs });
}
