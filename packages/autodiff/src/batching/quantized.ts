/** @file The batch axis through operators on quantized numbers. */

import { elementCount } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { QUANTIZED_WITH_FORM, quantizedFormOf } from '../operators/quantized.ts';
import { ALONG_AXES_BATCHES } from './along-axes.ts';
import { type BatchRule, everywhere, firstAlone } from './axis.ts';
import { ELEMENTWISE_BATCHES } from './elementwise.ts';
import { MOVEMENT_BATCHES } from './movement.ts';

const REAL: Readonly<Record<string, BatchRule>> = {
  ...ALONG_AXES_BATCHES,
  ...ELEMENTWISE_BATCHES,
  ...MOVEMENT_BATCHES,
};

/** QuantizeLinear and its inverse: scales that differ do so along another axis than that of the images. */
const scaled: BatchRule = (context) => {
  const { node, shape, refuse } = context;
  const batch = firstAlone(context);
  const axis = intAttribute(node, 'axis', 1);
  const place = axis < 0 ? axis + shape(0).length : axis;
  if (elementCount(shape(1)) > 1 && place === batch.axis)
    return refuse('its scales differ along the axis of the images');
  return everywhere(context, batch);
};

/** As the operator on real numbers; a node that would have to be another one for batches is refused. */
const viaReal: BatchRule = (context) => {
  const { node, batch, shape, has, ints, refuse } = context;
  const { real, operands } = quantizedFormOf(node.opType, node.inputs.length)!;
  if (node.inputs.some((_, index) => !operands.includes(index) && batch(index) !== undefined)) {
    return refuse('parameters depend on the image');
  }
  const standIn = { ...node, opType: real, inputs: operands.map((place) => node.inputs[place] ?? '') };
  const { node: batched, axes } = REAL[real]!({
    ...context,
    node: standIn,
    batch: (index) => batch(operands[index] ?? -1),
    shape: (index) => shape(operands[index] ?? -1),
    has: (index) => operands[index] !== undefined && has(operands[index]),
    ints: (index) => ints(operands[index] ?? -1),
  });
  const isSame = batched.opType === real && standIn.inputs.every((name, index) => batched.inputs[index] === name);
  return isSame ? { node, axes } : refuse('it would have to be another operator for several images');
};

const dynamic: BatchRule = ({ refuse }) => refuse('the range of the numbers is taken over the images');

export const QUANTIZED_BATCHES: Readonly<Record<string, BatchRule>> = {
  ...Object.fromEntries(QUANTIZED_WITH_FORM.map((opType) => [opType, viaReal])),
  DequantizeLinear: scaled,
  DynamicQuantizeLinear: dynamic,
  QuantizeLinear: scaled,
  'com.microsoft.DequantizeLinear': scaled,
  'com.microsoft.DynamicQuantizeMatMul': dynamic,
  'com.microsoft.MatMulNBits': (context) => {
    const batch = firstAlone(context);
    if (batch.axis === context.shape(0).length - 1) context.refuse('it sums over the images');
    return everywhere(context, batch);
  },
  'com.microsoft.QuantizeLinear': scaled,
};
