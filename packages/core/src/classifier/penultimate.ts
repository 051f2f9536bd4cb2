/** @file What a network computes before its last layer, and that layer. */

import {
  type GraphBuilder,
  intAttribute,
  intsAttribute,
  type Model,
  type Node,
  type TensorValue,
} from '@pareidolia/autodiff';
import { type LastLayer, productLayer } from './last-layer.ts';

/** The penultimate features: what the logits are computed of by one layer. */
export interface Penultimate {
  /** Name of the value that holds them: `N x width`, or, where {@link isPooled}, `N x width x ...` with places of the image behind. */
  readonly value: string;
  /** Whether the features are means over all places of {@link value}. */
  readonly isPooled: boolean;
  /** The layer, where the logits are its weights by the features, plus its bias, and both stand in the file as numbers. */
  readonly layer?: LastLayer;
  /** What was decided, and why: a sentence without a full stop. */
  readonly why: string;
}

/** That there are none, and why: a sentence without a full stop. */
export interface NoPenultimate {
  readonly value?: undefined;
  readonly why: string;
}

/** Operators that leave the values of their input as they are, but for rounding. */
const REARRANGE = new Set([
  'DequantizeLinear',
  'Dropout',
  'Flatten',
  'Identity',
  'QuantizeLinear',
  'Reshape',
  'Squeeze',
]);

/** Operators after which the scores are no longer linear in the features. */
const BENDS = new Set(['Clip', 'LogSoftmax', 'Relu']);

/** Operators that take the mean over all places, where one number for each class is left. */
const POOLS = new Set(['AveragePool', 'GlobalAveragePool', 'ReduceMean']);

/**
 * Finds the input of the last fully connected layer, or of the last 1 x 1 convolution where its output is pooled to one number
 * for each class.
 *
 * @param b holds the network
 * @param logits name of the value that the softmax is taken of, `N x classes`
 * @param given the value that the card names instead
 */
export function findPenultimate(
  b: GraphBuilder,
  { graph }: Model,
  logits: string,
  given?: string,
): Penultimate | NoPenultimate {
  const found = walk(graph.nodes, constantsOf(b, graph), logits);
  if (given !== undefined) return named(b, given, found);
  if (typeof found === 'string') return { why: `no penultimate features were found: ${found}` };
  const { value, isPooled, node } = found;
  const rank = b.isDescribed(value) ? b.shape(value).length : undefined;
  if (isPooled ? rank === undefined || rank < 3 : rank !== 2) {
    const shape = rank === undefined ? 'an unknown shape' : `the shape [${b.shape(value).join(', ')}]`;
    return { why: `no penultimate features were found: ${value} has ${shape}, not one row for each image` };
  }
  const what = isPooled ? 'convolution of single places' : 'fully connected layer';
  const layer = found.isLinear ? found.layer : undefined;
  const why = `the penultimate features are ${isPooled ? 'the means over all places of ' : ''}${value}, the input of the last ${what} (${node.opType} ${node.name})`;
  const bent = found.isLinear ? '' : '; a nonlinear operator stands between that layer and the logits';
  return { value, isPooled, why: `${why}${bent}`, ...(layer === undefined ? {} : { layer }) };
}

/** The value of the card. */
function named(b: GraphBuilder, value: string, found: Found | string): Penultimate | NoPenultimate {
  if (!b.has(value)) return { why: `the card names features ${value}, which the graph does not have` };
  const rank = b.isDescribed(value) ? b.shape(value).length : 0;
  if (rank < 2) return { why: `the card names features ${value}, which are not one row for each image` };
  const isSame = typeof found !== 'string' && found.value === value && found.isLinear;
  return {
    value,
    isPooled: rank > 2,
    why: `the penultimate features are ${rank > 2 ? 'the means over all places of ' : ''}${value}, as the card says`,
    ...(isSame && found.layer !== undefined ? { layer: found.layer } : {}),
  };
}

interface Found {
  readonly value: string;
  readonly isPooled: boolean;
  /** Whether the logits follow from the features by the layer alone. */
  readonly isLinear: boolean;
  readonly layer: LastLayer | undefined;
  readonly node: Node;
}

/** @returns why there is none, where there is none */
function walk(nodes: readonly Node[], constants: ReadonlyMap<string, TensorValue>, logits: string): Found | string {
  const makers = new Map<string, Node>(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  /** Weights are constants, or quantized ones. */
  const isWeight = (name: string): boolean => {
    const maker = makers.get(name);
    return constants.has(maker?.opType === 'DequantizeLinear' ? maker.inputs[0]! : name);
  };
  let [value, isPooled, isLinear] = [logits, false, true];
  let added: string | undefined;
  for (;;) {
    const node = makers.get(value);
    if (node === undefined) return `${value} is ${constants.has(value) ? 'a constant' : 'an input'}`;
    const { opType, inputs } = node;
    if (!isPooled && (opType === 'Gemm' || opType === 'MatMul')) {
      if (!isWeight(inputs[1]!)) return `${opType} ${node.name} multiplies two computed values`;
      return { value: inputs[0]!, isPooled, isLinear, layer: productLayer(node, constants, added), node };
    }
    if (opType === 'Conv') {
      if (!isPointwise(node, constants)) return `Conv ${node.name} sees more than one place of the image at a time`;
      return { value: inputs[0]!, isPooled: true, isLinear, layer: productLayer(node, constants, added), node };
    }
    if (REARRANGE.has(opType)) value = inputs[0]!;
    else if (POOLS.has(opType) && !isPooled) [value, isPooled] = [inputs[0]!, true];
    else if (BENDS.has(opType)) [value, isLinear] = [inputs[0]!, false];
    else if (opType === 'Add') {
      const computed = inputs.filter((name) => !isWeight(name));
      if (computed.length !== 1) return `Add ${node.name} adds two computed values`;
      added = inputs.find(isWeight);
      value = computed[0]!;
    } else return `${opType} ${node.name} makes the logits, not a layer with weights`;
  }
}

/** The constants, and those that only have another shape: converters leave weights that a Reshape brings into form. */
function constantsOf(b: GraphBuilder, { nodes, initializers }: Model['graph']): ReadonlyMap<string, TensorValue> {
  const all = new Map(initializers);
  for (const { opType, inputs, outputs } of nodes) {
    const value = opType === 'Reshape' || opType === 'Identity' ? all.get(inputs[0]!) : undefined;
    const dims = value === undefined || !b.isDescribed(outputs[0]!) ? [] : b.shape(outputs[0]!);
    if (value !== undefined && dims.every((dim) => typeof dim === 'number')) all.set(outputs[0]!, { ...value, dims });
  }
  return all;
}

/** Whether a convolution is the same linear map at every place. */
function isPointwise(node: Node, constants: ReadonlyMap<string, TensorValue>): boolean {
  const kernel = constants.get(node.inputs[1]!)?.dims.slice(2);
  if (kernel === undefined || kernel.some((length) => length !== 1)) return false;
  const all = (name: string, value: number): boolean =>
    (intsAttribute(node, name) ?? []).every((each) => each === value);
  return intAttribute(node, 'group', 1) === 1 && all('strides', 1) && all('pads', 0);
}
