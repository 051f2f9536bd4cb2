/** @file The last layer with weights of a given network, and the same for another number of classes. */

import type { Dim, Model, Node, TensorValue } from '@pareidolia/autodiff';
import { intAttribute } from '@pareidolia/autodiff';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import { WEIGHT_STREAM, xavier } from '../layers.ts';

/**
 * What stands between the last layer and the logits, and takes any number of classes: pooling behind a convolution, copies, shapes,
 * and the logarithm of a softmax, which is the same to a softmax behind it.
 */
const BETWEEN = new Set([
  'AveragePool',
  'Cast',
  'Dropout',
  'Flatten',
  'GlobalAveragePool',
  'Identity',
  'LogSoftmax',
  'ReduceMean',
  'Relu',
  'Reshape',
  'Squeeze',
]);

/** A constant with an axis over the classes. */
interface ClassConstant {
  readonly name: string;
  /** Behind it there are no more classes. */
  readonly axis: number;
}

/** The last layer of a network. */
export interface LastLayer {
  readonly weight: ClassConstant;
  readonly bias?: ClassConstant;
  /** Nodes from the layer to the logits, both ends included, and what gives its weights their shape. */
  readonly nodes: readonly Node[];
}

/**
 * Finds the last fully connected layer or convolution, whose outputs are the classes.
 *
 * @param logits name of the value that the softmax is taken of
 * @param classes outputs for each image
 * @returns `undefined` where the network does not end in one
 */
export function lastLayer({ graph }: Model, logits: string, classes: number): LastLayer | undefined {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const constant = (name: string | undefined, axis: (dims: readonly number[]) => number): ClassConstant | undefined => {
    const value = graph.initializers.get(name ?? '');
    if (name === undefined || value?.type !== 'float32') return undefined;
    const at = axis(value.dims);
    return value.dims[at] === classes ? { name, axis: at } : undefined;
  };
  const lastAxis = (dims: readonly number[]): number => dims.length - 1;
  const nodes: Node[] = [];
  let bias: ClassConstant | undefined;
  for (let value = logits; ; ) {
    const node = makers.get(value);
    if (node === undefined) return undefined;
    nodes.unshift(node);
    const [first = '', second, third] = node.inputs;
    const found = (weight: ClassConstant | undefined): LastLayer | undefined =>
      weight === undefined ? undefined : { weight, ...(bias === undefined ? {} : { bias }), nodes };
    switch (node.opType) {
      case 'Gemm':
        bias ??= constant(third, lastAxis);
        return found(constant(second, () => (intAttribute(node, 'transB', 0) === 1 ? 0 : 1)));
      case 'MatMul': {
        // CNTK keeps the weights of a flattened image in the image's shape.
        const shaped = makers.get(second ?? '');
        if (shaped?.opType !== 'Reshape') return found(constant(second, lastAxis));
        nodes.unshift(shaped);
        return found(constant(shaped.inputs[0], lastAxis));
      }
      case 'Conv':
        if (intAttribute(node, 'group', 1) !== 1) return undefined;
        bias ??= constant(third, lastAxis);
        return found(constant(second, () => 0));
      case 'Add': {
        const place = [1, 0].find((index) => constant(node.inputs[index], lastAxis) !== undefined);
        if (place === undefined || bias !== undefined) return undefined;
        bias = constant(node.inputs[place], lastAxis);
        value = node.inputs[1 - place]!;
        break;
      }
      default:
        if (!BETWEEN.has(node.opType)) return undefined;
        value = first;
    }
  }
}

/** How the last layer is changed. */
export interface NewHead {
  /** Classes afterwards. */
  readonly classes: number;
  /** Whether the classes that there are stay as they are, and others are added behind them; else all weights are new. */
  readonly keep: boolean;
  /** Of the new weights. */
  readonly seed: number;
}

/**
 * The network with another last layer. New weights are drawn as those of networks made here, new biases are 0.
 *
 * @param model the network in which the layer's constants and nodes are
 * @param before classes before
 * @throws InputError where the layer's constants serve something else too
 */
export function withNewHead(model: Model, layer: LastLayer, before: number, head: NewHead, where: string): Model {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  for (const constant of [layer.weight, layer.bias]) {
    if (constant === undefined) continue;
    const uses = graph.nodes.filter(({ inputs }) => inputs.includes(constant.name)).length;
    if (uses > 1) {
      throw new InputError(
        `${where}: the weights of the last layer, ${constant.name}, are used in ${uses} places; its classes cannot be changed`,
      );
    }
    const value = graph.initializers.get(constant.name)!;
    initializers.set(constant.name, resized(value, constant.axis, head, constant === layer.bias));
  }
  /** Shapes that are written out for the number of classes before. */
  const targets = new Map<string, string>();
  for (const { opType, inputs } of layer.nodes) {
    const shape = opType === 'Reshape' ? graph.initializers.get(inputs[1] ?? '') : undefined;
    if (shape?.type !== 'int64' || !Array.from(shape.data, Number).includes(before)) continue;
    const name = freeName(graph.initializers, `${inputs[1]}.classes`);
    targets.set(inputs[1]!, name);
    const dims = Array.from(shape.data, Number).map((dim) => (dim === before ? head.classes : dim));
    const data = BigInt64Array.from(dims, BigInt);
    initializers.set(name, { ...shape, data });
  }
  const own = new Set(layer.nodes.map(({ name }) => name));
  const nodes = graph.nodes.map((node) =>
    own.has(node.name) && node.opType === 'Reshape'
      ? { ...node, inputs: node.inputs.map((name, place) => (place === 1 ? (targets.get(name) ?? name) : name)) }
      : node,
  );
  const outputs = graph.outputs.map((output) => ({
    ...output,
    shape: output.shape?.map((dim: Dim, axis) => (axis > 0 && dim === before ? head.classes : dim)),
  }));
  const { described: _, ...rest } = graph;
  return { ...model, graph: { ...rest, nodes, outputs, initializers } };
}

function freeName(taken: ReadonlyMap<string, unknown>, stem: string): string {
  let name = stem;
  for (let count = 1; taken.has(name); count++) name = `${stem}${count}`;
  return name;
}

/** The constant with another number of classes along an axis. */
function resized(
  { dims, data }: TensorValue,
  axis: number,
  { classes, keep, seed }: NewHead,
  isBias: boolean,
): TensorValue {
  const before = dims[axis]!;
  const behind = dims.slice(axis + 1).reduce((all, dim) => all * dim, 1);
  const front = dims.slice(0, axis).reduce((all, dim) => all * dim, 1);
  const size = front * classes * behind;
  const random = Random.stream(seed, WEIGHT_STREAM);
  const result = isBias ? new Float32Array(size) : xavier(size, (front * before * behind) / before, random);
  if (keep) {
    for (let i = 0; i < front; i++) {
      for (let row = 0; row < Math.min(before, classes); row++) {
        for (let j = 0; j < behind; j++) {
          result[(i * classes + row) * behind + j] = Number(data[(i * before + row) * behind + j]);
        }
      }
    }
  }
  return { type: 'float32', dims: dims.map((dim, place) => (place === axis ? classes : dim)), data: result };
}
