/** @file What a graph takes when it runs: memory and work, from its shapes, before anything is allocated. */

import { GraphBuilder } from './builder/builder.ts';
import { OversizeError, sound } from './errors.ts';
import type { Dim, Model, Node } from './model/model.ts';
import { needsOf } from './model/subgraphs.ts';
import { intAttribute, intsAttribute, stringAttribute } from './operators/attributes.ts';
import { einsumOf, lengthsOfLetters } from './operators/einsum.ts';
import { quantizedFormOf } from './operators/quantized.ts';
import { OPERATORS } from './operators/table.ts';

/** What a graph takes, where open lengths count as 1: for one image. Values of unknown shape are left out. */
export interface Cost {
  /** The most numbers that it holds at the same time, without its constants. */
  readonly values: number;
  /** Multiplications, or other operations on one number. */
  readonly work: number;
  /** Numbers that follow from constants alone, which ONNX Runtime computes when it opens the graph, and keeps. */
  readonly folded: number;
  /** Numbers in its constants. */
  readonly constants: number;
}

/** Most of what a {@link Cost} says that {@link checkCost} accepts. */
export interface Budget {
  readonly values: number;
  /** Beside those for each number in the constants. */
  readonly work: number;
  readonly folded: number;
}

/**
 * Far beyond classifiers: an EfficientNet-L2 holds 10^8 values for an image of 800 x 800 pixels. 2^28 values are 1 GiB in
 * float32, and a small network computes 10^10 products in seconds.
 */
export const BUDGET: Budget = { values: 2 ** 28, work: 1e10, folded: 2 ** 26 };

/** What a weight is used for, at most: each place of an image, or of a sequence, and then some. */
const WORK_PER_WEIGHT = 5000;
/** What may be folded for each number in the constants. */
const FOLDED_PER_WEIGHT = 4;

/** Operators whose output has a length that the values of its inputs say. */
const SIZED: ReadonlySet<string> = new Set([
  'BlackmanWindow',
  'ConstantOfShape',
  'Expand',
  'HammingWindow',
  'HannWindow',
  'MelWeightMatrix',
  'OneHot',
  'Pad',
  'Range',
  'Resize',
  'Tile',
]);

/**
 * What a graph takes.
 *
 * @param model of opset 18 or newer (see {@link upgrade})
 * @throws {@link OversizeError} if a value is too large for any memory, or a constant is computed whose size cannot be told
 * @throws {@link OnnxError} if the shapes do not fit together
 */
export function costOf(model: Model): Cost {
  return sound(() => sumOfCosts(model));
}

function sumOfCosts(model: Model): Cost {
  const b = GraphBuilder.from(model);
  const size = (name: string): number => (name === '' || !b.isDescribed(name) ? 0 : count(b.shape(name)));
  const { nodes } = b;
  const last = lastUses(b, model);
  const ends = nodes.map((): string[] => []);
  let held = 0;
  for (const { name } of model.graph.inputs) held += size(name);
  for (const [name, index] of last) if (b.valueOf(name) === undefined) ends[index]?.push(name);
  const fixed = new Set<string>(model.graph.initializers.keys());
  let [values, work, folded] = [held, 0, 0];
  nodes.forEach((node, index) => {
    const outputs = node.outputs.reduce((sum, name) => sum + size(name), 0);
    held += outputs;
    values = Math.max(values, held);
    for (const name of ends[index]!) held -= size(name);
    work += workOf(node, b, size);
    if (node.inputs.length === 0 || !needsOf(node).every((name) => name === '' || fixed.has(name))) return;
    for (const name of node.outputs) {
      fixed.add(name);
      const isKnown = b.isDescribed(name) && b.shape(name).every((dim) => dim !== '?');
      if (name !== '' && !isKnown && SIZED.has(node.opType)) {
        throw new OversizeError(
          `${node.opType} (node ${node.name}) makes a constant of a size that is only known when it is made; export the model with the constant itself`,
        );
      }
    }
    folded += outputs;
  });
  let constants = 0;
  for (const { data } of model.graph.initializers.values()) constants += data.length;
  return { values, work, folded, constants };
}

/**
 * Refuses a graph that takes more than any classifier does.
 *
 * @param factor by which it may exceed the budget, as a gradient does
 * @throws {@link OversizeError} saying of what there is too much
 */
export function checkCost(cost: Cost, factor = 1, budget = BUDGET): void {
  const { values, work, folded, constants } = cost;
  const most = {
    values: factor * budget.values,
    work: factor * (budget.work + WORK_PER_WEIGHT * constants),
    folded: factor * (budget.folded + FOLDED_PER_WEIGHT * constants),
  };
  const tooMuch = (what: string, is: number, may: number): never => {
    throw new OversizeError(
      `The model ${what} for one image (${is.toPrecision(2)}; at most ${may.toPrecision(2)}); export it for smaller images`,
    );
  };
  if (values > most.values) tooMuch('holds too many numbers at the same time', values, most.values);
  if (folded > most.folded) tooMuch('computes too many numbers from constants', folded, most.folded);
  if (work > most.work) tooMuch('takes too many operations', work, most.work);
}

/** Numbers in a value, where open lengths count as 1. */
function count(shape: readonly Dim[]): number {
  return shape.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1);
}

/** The place of the last node that uses each value; behind all nodes for the outputs of the graph. */
function lastUses(b: GraphBuilder, { graph }: Model): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  b.nodes.forEach((node, index) => {
    for (const name of needsOf(node)) last.set(name, index);
    for (const name of node.outputs) last.set(name, index);
  });
  for (const { name } of graph.outputs) last.set(name, b.nodes.length);
  return last;
}

/** Operations on single numbers, about. */
function workOf(node: Node, b: GraphBuilder, size: (name: string) => number): number {
  const form = quantizedFormOf(node.opType, node.inputs.length);
  const opType = form?.real ?? node.opType;
  const inputs = form?.operands.map((place) => node.inputs[place] ?? '') ?? node.inputs;
  const [x = '', w = ''] = inputs;
  const shape = (name: string): readonly Dim[] => (name !== '' && b.isDescribed(name) ? b.shape(name) : []);
  const length = (name: string, axis: number): number => {
    const dim = shape(name).at(axis);
    return typeof dim === 'number' ? Math.max(1, dim) : 1;
  };
  const out = size(node.outputs[0] ?? '');
  const moved = node.outputs.reduce((sum, name) => sum + size(name), Math.max(0, ...node.inputs.slice(0, 8).map(size)));
  switch (opType) {
    case 'Conv':
    case 'com.microsoft.FusedConv':
      return out * (size(w) / length(w, 0));
    case 'ConvTranspose':
      return size(x) * (size(w) / length(w, 0)) + moved;
    case 'pareidolia.ConvInputGradient':
    case 'pareidolia.ConvKernelGradient':
      return Math.max(...inputs.map(size)) * intsOf(node, 'kernel_shape') * length(w, 1);
    case 'MatMul':
    case 'com.microsoft.FusedMatMul':
      return out * length(x, -1);
    case 'Gemm':
    case 'com.microsoft.FusedGemm':
      return out * length(x, intAttribute(node, 'transA', 0) === 0 ? 1 : 0);
    case 'Einsum':
      return sumsOfProducts(node, inputs.map(shape));
    case 'GRU':
    case 'LSTM':
    case 'RNN':
      return (size(w) + size(inputs[2] ?? '')) * length(x, 0) * length(x, 1);
    case 'AveragePool':
    case 'LpPool':
    case 'MaxPool':
      return moved + out * intsOf(node, 'kernel_shape');
    case 'LRN':
      return out * Math.max(1, intAttribute(node, 'size', 1));
    case 'Resize':
      return moved * (stringAttribute(node, 'mode', 'nearest') === 'cubic' ? 16 : 1);
    case 'Sum':
    case 'Max':
    case 'Min':
    case 'Mean':
    case 'Concat':
      return moved * (OPERATORS.get(opType)?.family === 'broadcasting' ? Math.max(1, inputs.length) : 1);
    default:
      return moved;
  }
}

function intsOf(node: Node, attribute: string): number {
  return (intsAttribute(node, attribute) ?? []).reduce((product, length) => product * length, 1);
}

/** One product for each choice of an index for each letter. */
function sumsOfProducts(node: Node, shapes: readonly (readonly Dim[])[]): number {
  const fail = (): never => {
    throw new OversizeError(`Einsum (node ${node.name}) has an equation that does not fit; export the model again`);
  };
  const ranks = shapes.map((shape) => shape.length);
  const equation = einsumOf(stringAttribute(node, 'equation', ''), ranks, fail);
  return count([...lengthsOfLetters(equation, shapes, fail).values()]);
}
