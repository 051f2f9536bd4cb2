/** @file Operators that had other semantics, or another name, in older opsets. */

import { shapeOf } from '../builder/reshaping.ts';
import type { Node } from '../model/model.ts';
import { intAttribute, stringAttribute } from '../operators/attributes.ts';
import { withTrueLengths } from './resize-lengths.ts';
import { as, refuse, type UpgradeRule, without } from './types.ts';

/** Before opset 13, all axes from `axis` on were flattened into one. */
const rowwise: UpgradeRule = (node, context) => {
  const { b, opset, op } = context;
  if (opset >= 13) return node;
  const input = node.inputs[0]!;
  const rank = b.shape(input).length;
  const axis = intAttribute(node, 'axis', 1);
  if (axis === -1 || axis === rank - 1) return { ...node, attributes: new Map([['axis', { kind: 'int', value: -1 }]]) };
  const rows = op('Flatten', [input], { axis });
  const result = op(node.opType, [rows], { axis: -1 });
  return as(context, node, 'Reshape', [result, shapeOf(b, input)]);
};

/** Before opset 14, the further outputs were for training only. */
const batchNormalization: UpgradeRule = (node, { opset, isUsed }) => {
  if (opset >= 14) return node;
  if (opset < 9 && intAttribute(node, 'spatial', 1) === 0) {
    refuse(node, 'normalizes each pixel by itself (spatial 0); export with spatial 1');
  }
  if (node.outputs.slice(1).some(isUsed))
    refuse(node, 'gives statistics that are used; export the model for inference');
  return {
    ...node,
    outputs: node.outputs.slice(0, 1),
    attributes: without(node, 'spatial', 'consumed_inputs', 'is_test'),
  };
};

/** ONNX's number for float32. */
const FLOAT = 1;

/**
 * At inference Dropout passes its input on. In training mode, which an input says from opset 12 on, it is written out, so that it
 * has a gradient: the input times a mask of random zeros and ones, divided by the share that is kept.
 */
const dropout: UpgradeRule = (node, context) => {
  const { b, opset, op, isUsed } = context;
  const [input = '', ratio = '', training = ''] = node.inputs;
  const isTraining = opset >= 12 && training !== '' && b.valueOf(training)?.data[0] !== 0;
  const dropped = ratio === '' ? 0.5 : Number(b.valueOf(ratio)?.data[0] ?? Number.NaN);
  if (isTraining) {
    // Where it is computed whether or how much is dropped, or the mask is used, the node stays.
    if (!b.valueOf(training) || !(dropped < 1) || node.outputs.slice(1).some(isUsed)) return node;
    const isKept = op('Less', [op('RandomUniformLike', [input], { dtype: FLOAT }), b.scalar(1 - dropped)]);
    const mask = op('Mul', [op('Cast', [isKept], { to: FLOAT }), b.scalar(1 / (1 - dropped))]);
    return as(context, node, 'Mul', [input, mask]);
  }
  if (opset >= 18) return node;
  if (node.outputs.slice(1).some(isUsed)) refuse(node, 'gives a mask that is used; export the model for inference');
  const [inputs, outputs] = [node.inputs.slice(0, 1), node.outputs.slice(0, 1)];
  return { ...node, opType: 'Identity', inputs, outputs, attributes: new Map() };
};

/** Resampling before opset 11: asymmetric coordinates, rounded down where an axis grows and up where it shrinks. */
const resample: UpgradeRule = (node, context) => {
  const { b, opset } = context;
  if (opset >= 11) return node;
  const written = node.attributes.get('scales');
  const scales =
    written?.kind === 'floats'
      ? b.constant({ type: 'float32', dims: [written.value.length], data: Float32Array.from(written.value) })
      : (node.inputs[1] ?? '');
  const mode = stringAttribute(node, 'mode', 'nearest');
  const resized = (input: string, by: string, nearest: string): Node =>
    as(context, node, 'Resize', [input, '', by], {
      mode,
      coordinate_transformation_mode: 'asymmetric',
      ...(mode === 'nearest' ? { nearest_mode: nearest } : {}),
    });
  const factors = b.entriesOf(scales)?.data;
  if (mode !== 'nearest') return resized(node.inputs[0]!, scales, '');
  if (factors === undefined || factors.some((factor) => typeof factor === 'string')) {
    return refuse(node, 'has scales that are computed; export the model with opset 11 or newer');
  }
  const chosen = (shrinks: boolean): string =>
    b.constant({
      type: 'float32',
      dims: [factors.length],
      data: Float32Array.from(factors, (factor) => (Number(factor) < 1 === shrinks ? Number(factor) : 1)),
    });
  const [some, all] = [factors.some((factor) => Number(factor) < 1), factors.every((factor) => Number(factor) <= 1)];
  if (!some || all) return resized(node.inputs[0]!, scales, some ? 'ceil' : 'floor');
  const attributes = { mode, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'ceil' };
  return resized(context.op('Resize', [node.inputs[0]!, '', chosen(true)], attributes), chosen(false), 'floor');
};

/** Leaves out inputs (roi, scales, sizes) that are empty tensors; Upsample is an older name of it. */
const resize: UpgradeRule = (written, context) => {
  const node = resample(written, context);
  const isEmpty = (input: string): boolean => context.b.valueOf(input)?.data.length === 0;
  if (node !== written || !node.inputs.some(isEmpty)) return withTrueLengths(node, context);
  return withTrueLengths({ ...node, inputs: node.inputs.map((input) => (isEmpty(input) ? '' : input)) }, context);
};

export const MEANING_UPGRADES: Readonly<Record<string, UpgradeRule>> = {
  BatchNormalization: batchNormalization,
  Dropout: dropout,
  Hardmax: rowwise,
  LogSoftmax: rowwise,
  Resize: resize,
  Scatter: (node) => ({ ...node, opType: 'ScatterElements' }),
  Softmax: rowwise,
  Upsample: resize,
};
