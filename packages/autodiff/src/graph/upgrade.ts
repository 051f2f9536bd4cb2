/** @file Brings a model to the opset that built graphs are written in, so that one set of rules serves all. */

import { OnnxError } from '../errors.ts';
import { shapeOf } from '../gradients/broadcasting.ts';
import { GraphBuilder, WORKING_OPSET } from './builder.ts';
import { type Attribute, floatAttribute, intAttribute, intsAttribute, type Model, type Node } from './model.ts';

/** What a step of the upgrade may add around the node it rewrites. */
interface Rewriter {
  readonly builder: GraphBuilder;
  /** The opset that the node was written for. */
  readonly opset: number;
}

/** Writes a node anew; returns it as it should stand, or `undefined` where the rule has added other nodes instead. */
type UpgradeRule = (node: Node, rewriter: Rewriter) => Node | undefined;

/**
 * The same network in opset 18 or newer.
 *
 * @throws OnnxError where a node means something that the newer opset cannot say
 */
export function upgrade(model: Model): Model {
  if (model.opset >= WORKING_OPSET) return model;
  const builder = new GraphBuilder(model.graph.name, WORKING_OPSET);
  for (const { name, type, shape } of model.graph.inputs) builder.input(name, type, shape ?? []);
  for (const [name, value] of model.graph.initializers) builder.initializer(name, value);
  for (const node of model.graph.nodes) {
    const rule = RULES[node.opType];
    if (rule !== undefined && (node.inputs[0] ?? '') === '') {
      throw new OnnxError(`${node.opType} (node ${node.name}) lacks input 1; export the model again`);
    }
    const upgraded = rule === undefined ? node : rule(node, { builder, opset: model.opset });
    if (upgraded !== undefined) builder.add(upgraded);
  }
  for (const { name } of model.graph.outputs) builder.output(name);
  return builder.build();
}

/** An attribute of whole numbers that became an input. */
function toInput(attribute: string, place: number): UpgradeRule {
  return (node, { builder }) => {
    const values = intsAttribute(node, attribute);
    if (values === undefined) return node;
    const inputs = [...node.inputs];
    while (inputs.length < place) inputs.push('');
    inputs[place] = builder.ints(values);
    return { ...node, inputs, attributes: without(node, attribute) };
  };
}

const clip: UpgradeRule = (node, { builder, opset }) => {
  if (opset >= 11) return node;
  const bound = (name: string, whenAbsent: string): string =>
    node.attributes.has(name) ? builder.scalar(floatAttribute(node, name, 0)) : whenAbsent;
  return {
    ...node,
    inputs: [node.inputs[0]!, bound('min', ''), bound('max', '')],
    attributes: without(node, 'min', 'max'),
  };
};

const pad: UpgradeRule = (node, rewriter) => {
  if (rewriter.opset >= 11) return node;
  const value = rewriter.builder.scalar(floatAttribute(node, 'value', 0));
  const moved = toInput('pads', 1)(node, rewriter)!;
  return { ...moved, inputs: [...moved.inputs, value], attributes: without(moved, 'value') };
};

const slice: UpgradeRule = (node, { builder, opset }) => {
  if (opset >= 10) return node;
  const starts = intsAttribute(node, 'starts') ?? [];
  const axes = intsAttribute(node, 'axes') ?? starts.map((_, axis) => axis);
  const inputs = [starts, intsAttribute(node, 'ends') ?? [], axes].map((values) => builder.ints(values));
  return { ...node, inputs: [node.inputs[0]!, ...inputs], attributes: without(node, 'starts', 'ends', 'axes') };
};

/** Before opset 13 everything from the axis on was one row. */
const softmax: UpgradeRule = (node, { builder, opset }) => {
  if (opset >= 13) return node;
  const input = node.inputs[0]!;
  const rank = builder.shape(input).length;
  const axis = intAttribute(node, 'axis', 1);
  if (axis === -1 || axis === rank - 1) return { ...node, attributes: new Map([['axis', { kind: 'int', value: -1 }]]) };
  const rows = builder.op('Flatten', [input], { axis });
  const result = builder.op(node.opType, [rows], { axis: -1 });
  builder.op('Reshape', [result, shapeOf(builder, input)], {}, node.outputs[0]);
  return undefined;
};

const split: UpgradeRule = (node, rewriter) => {
  const moved = toInput('split', 1)(node, rewriter)!;
  if (moved.inputs.length > 1) return moved;
  const parts: Attribute = { kind: 'int', value: node.outputs.length };
  return { ...moved, attributes: new Map([...moved.attributes, ['num_outputs', parts]]) };
};

const batchNormalization: UpgradeRule = (node, { opset }) => {
  if (opset < 9 && intAttribute(node, 'spatial', 1) === 0) {
    throw new OnnxError(
      `BatchNormalization (node ${node.name}) normalises each pixel by itself (spatial 0); export with spatial 1`,
    );
  }
  return {
    ...node,
    outputs: node.outputs.slice(0, 1),
    attributes: without(node, 'spatial', 'consumed_inputs', 'is_test'),
  };
};

/** At inference Dropout passes its input on. */
const dropout: UpgradeRule = (node) => ({
  ...node,
  opType: 'Identity',
  inputs: node.inputs.slice(0, 1),
  outputs: node.outputs.slice(0, 1),
  attributes: new Map(),
});

const RULES: Readonly<Record<string, UpgradeRule>> = {
  BatchNormalization: batchNormalization,
  Clip: clip,
  Dropout: dropout,
  LogSoftmax: softmax,
  Pad: pad,
  ReduceL1: toInput('axes', 1),
  ReduceL2: toInput('axes', 1),
  ReduceLogSum: toInput('axes', 1),
  ReduceLogSumExp: toInput('axes', 1),
  ReduceMax: toInput('axes', 1),
  ReduceMean: toInput('axes', 1),
  ReduceMin: toInput('axes', 1),
  ReduceProd: toInput('axes', 1),
  ReduceSum: toInput('axes', 1),
  ReduceSumSquare: toInput('axes', 1),
  Slice: slice,
  Softmax: softmax,
  Split: split,
  Squeeze: toInput('axes', 1),
  Unsqueeze: toInput('axes', 1),
};

function without(node: Node, ...names: readonly string[]): Map<string, Attribute> {
  return new Map([...node.attributes].filter(([name]) => !names.includes(name)));
}
