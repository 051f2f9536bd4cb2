/**
 * @file Splits fused operators (`com.microsoft`), which ONNX Runtime's optimizer writes into models, into standard
 * ones.
 */

import type { Attribute, Node } from '../model/model.ts';
import { type Attributes, floatAttribute, intAttribute, stringAttribute } from '../operators/attributes.ts';
import { as, refuse, type UpgradeContext, type UpgradeRule, without } from './types.ts';

/** The activation that was fused into an operator, as a node after it. */
function activated(
  node: Node,
  context: UpgradeContext,
  value: string,
  name: string,
  parameters: readonly number[],
): Node {
  const { b } = context;
  const [first, second] = parameters;
  const attributes: Attributes | undefined = {
    Relu: {},
    Sigmoid: {},
    Tanh: {},
    LeakyRelu: { alpha: first },
    HardSigmoid: { alpha: first, beta: second },
  }[name];
  if (name === 'Clip') return as(context, node, 'Clip', [value, b.scalar(first ?? 0), b.scalar(second ?? 0)]);
  if (attributes === undefined) return refuse(node, `has the activation ${name} inside; export the model unoptimized`);
  return as(context, node, name, [value], attributes);
}

/** Adds a node with given attributes before the one that is rewritten. */
function inFront(
  { op }: UpgradeContext,
  opType: string,
  inputs: readonly string[],
  attributes: Map<string, Attribute>,
): string {
  return op(opType, inputs, Object.fromEntries(attributes));
}

const fusedConv: UpgradeRule = (node, context) => {
  const attributes = without(node, 'activation', 'activation_params', 'alpha', 'beta');
  const [x = '', weight = '', bias = '', sum = ''] = node.inputs;
  let value = inFront(context, 'Conv', bias === '' ? [x, weight] : [x, weight, bias], attributes);
  if (sum !== '') value = context.op('Add', [value, sum]);
  const name = stringAttribute(node, 'activation', '');
  const parameters = node.attributes.get('activation_params');
  if (name === '') return as(context, node, 'Identity', [value]);
  return activated(node, context, value, name, parameters?.kind === 'floats' ? parameters.value : []);
};

const fusedGemm: UpgradeRule = (node, context) => {
  const kept = new Map([...node.attributes].filter(([name]) => ['alpha', 'beta', 'transA', 'transB'].includes(name)));
  const value = inFront(context, 'Gemm', node.inputs, kept);
  const parameters = [floatAttribute(node, 'activation_alpha', 0.01), floatAttribute(node, 'activation_beta', 0)];
  return activated(node, context, value, stringAttribute(node, 'activation', 'Relu'), parameters);
};

const fusedMatMul: UpgradeRule = (node, context) => {
  const { b, op } = context;
  if (intAttribute(node, 'transBatchA', 0) !== 0 || intAttribute(node, 'transBatchB', 0) !== 0) {
    refuse(node, 'turns its batch axes; export the model unoptimized');
  }
  const turned = (value: string, attribute: string): string => {
    const axes = b.shape(value).map((_, axis) => axis);
    if (intAttribute(node, attribute, 0) === 0 || axes.length < 2) return value;
    return op('Transpose', [value], { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] });
  };
  const factors = [turned(node.inputs[0]!, 'transA'), turned(node.inputs[1] ?? '', 'transB')];
  const alpha = floatAttribute(node, 'alpha', 1);
  if (alpha === 1) return as(context, node, 'MatMul', factors);
  return as(context, node, 'Mul', [op('MatMul', factors), b.scalar(alpha)]);
};

/** x/2 (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel 2016). */
const gelu =
  (bias: boolean): UpgradeRule =>
  (node, context) => {
    const { b, op } = context;
    const x = bias ? op('Add', node.inputs.slice(0, 2)) : node.inputs[0]!;
    const inner = op('Add', [op('Erf', [op('Mul', [x, b.scalar(Math.SQRT1_2)])]), b.scalar(1)]);
    return as(context, node, 'Mul', [op('Mul', [x, b.scalar(0.5)]), inner]);
  };

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the approximation in the same paper. */
const fastGelu: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const x = (node.inputs[1] ?? '') === '' ? node.inputs[0]! : op('Add', node.inputs.slice(0, 2));
  // Beyond 30 the tanh is 1 or -1; the cubes of larger inputs would overflow.
  const bounded = op('Clip', [x, b.scalar(-30), b.scalar(30)]);
  const cubic = op('Add', [op('Mul', [op('Mul', [bounded, bounded]), b.scalar(0.044715)]), b.scalar(1)]);
  const inner = op('Tanh', [op('Mul', [op('Mul', [bounded, cubic]), b.scalar(Math.sqrt(2 / Math.PI))])]);
  return as(context, node, 'Mul', [op('Mul', [x, b.scalar(0.5)]), op('Add', [inner, b.scalar(1)])]);
};

const quickGelu: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const x = node.inputs[0]!;
  const gate = op('Sigmoid', [op('Mul', [x, b.scalar(floatAttribute(node, 'alpha', 1.702))])]);
  return as(context, node, 'Mul', [x, gate]);
};

/** x / sqrt(mean(x^2) + epsilon) scale over the last axis. */
const rootMeanSquare: UpgradeRule = (node, context) => {
  const { b, op, isUsed } = context;
  if (node.outputs.slice(1).some(isUsed)) refuse(node, 'gives statistics that are used; export the model unoptimized');
  const [x = '', scale = ''] = node.inputs;
  const mean = op('ReduceMean', [op('Mul', [x, x]), b.ints([-1])]);
  const root = op('Sqrt', [op('Add', [mean, b.scalar(floatAttribute(node, 'epsilon', 1e-5))])]);
  return as(context, node, 'Mul', [op('Div', [x, root]), scale]);
};

/** Layer normalization of x + skip (+ bias); the sum is the fourth output. */
const skipLayerNormalization: UpgradeRule = (node, context) => {
  const { b, op, isUsed } = context;
  const [x = '', skip = '', scale = '', shift = '', bias = ''] = node.inputs;
  if (node.outputs.slice(1).some(isUsed)) refuse(node, 'gives more than its result; export the model unoptimized');
  const sum = op('Add', [x, skip]);
  const whole = bias === '' ? sum : op('Add', [sum, bias]);
  const epsilon = floatAttribute(node, 'epsilon', 1e-12);
  return as(context, node, 'LayerNormalization', shift === '' ? [whole, scale] : [whole, scale, shift], {
    axis: b.shape(whole).length - 1,
    epsilon,
  });
};

export const FUSED_UPGRADES: Readonly<Record<string, UpgradeRule>> = {
  SimplifiedLayerNormalization: rootMeanSquare,
  'com.microsoft.BiasGelu': gelu(true),
  'com.microsoft.FastGelu': fastGelu,
  'com.microsoft.FusedConv': fusedConv,
  'com.microsoft.FusedGemm': fusedGemm,
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.Gelu': gelu(false),
  'com.microsoft.QuickGelu': quickGelu,
  'com.microsoft.SkipLayerNormalization': skipLayerNormalization,
};
