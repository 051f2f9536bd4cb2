/** @file Operators whose attributes became inputs. */

import type { Attribute } from '../model/model.ts';
import { floatAttribute, intAttribute, intsAttribute } from '../operators/attributes.ts';
import { operatorsIn, ruleFor } from '../operators/table.ts';
import { toInput, type UpgradeRule, withInput, without } from './types.ts';

const clip: UpgradeRule = (node, { b, opset }) => {
  if (opset >= 11) return node;
  const bound = (name: string): string => (node.attributes.has(name) ? b.scalar(floatAttribute(node, name, 0)) : '');
  return { ...node, inputs: [node.inputs[0]!, bound('min'), bound('max')], attributes: without(node, 'min', 'max') };
};

const pad: UpgradeRule = (node, context) => {
  if (context.opset >= 11) return node;
  const value = context.b.scalar(floatAttribute(node, 'value', 0));
  const moved = toInput('pads', 1)(node, context);
  return { ...moved, inputs: [...moved.inputs, value], attributes: without(moved, 'value') };
};

const slice: UpgradeRule = (node, { b, opset }) => {
  if (opset >= 10) return node;
  const starts = intsAttribute(node, 'starts') ?? [];
  const axes = intsAttribute(node, 'axes') ?? starts.map((_, axis) => axis);
  const inputs = [starts, intsAttribute(node, 'ends') ?? [], axes].map((values) => b.ints(values));
  return { ...node, inputs: [node.inputs[0]!, ...inputs], attributes: without(node, 'starts', 'ends', 'axes') };
};

const split: UpgradeRule = (node, context) => {
  if (context.opset >= 18) return node;
  const moved = toInput('split', 1)(node, context);
  if ((moved.inputs[1] ?? '') !== '') return moved;
  const parts: Attribute = { kind: 'int', value: node.outputs.length };
  return { ...moved, attributes: new Map([...moved.attributes, ['num_outputs', parts]]) };
};

const topK: UpgradeRule = (node, { b, opset }) =>
  opset >= 10 ? node : withInput(node, 'k', 1, b.ints([intAttribute(node, 'k', 1)]));

export const ATTRIBUTE_UPGRADES: Readonly<Record<string, UpgradeRule>> = {
  Clip: clip,
  Pad: pad,
  ...ruleFor(operatorsIn('reduction'), toInput('axes', 1)),
  Slice: slice,
  Split: split,
  Squeeze: toInput('axes', 1),
  TopK: topK,
  Unsqueeze: toInput('axes', 1),
};
