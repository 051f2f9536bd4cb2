/** @file What a search backwards from a model's scores reads off its graph. */

import { GraphBuilder, WORKING_OPSET } from '../builder/builder.ts';
import { normalAxis } from '../model/dims.ts';
import type { Dim, Model, Node } from '../model/model.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import { OPERATORS } from '../operators/table.ts';

/** A model's graph, looked at from its outputs. */
export class ScoresGraph {
  readonly #model: Model;
  readonly #makers: ReadonlyMap<string, Node>;
  #builder: GraphBuilder | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#makers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  }

  /** The node that computes a value; `undefined` for inputs and constants. */
  makerOf(value: string | undefined): Node | undefined {
    return value === undefined ? undefined : this.#makers.get(value);
  }

  /** Inferred when the first one is asked for; `undefined` where it is not known, and for models of an earlier opset. */
  shapeOf(value: string): readonly Dim[] | undefined {
    if (this.#model.opset < WORKING_OPSET) return undefined;
    this.#builder ??= GraphBuilder.from(this.#model, { skip: 'outputs' });
    return this.#builder.isDescribed(value) ? this.#builder.shape(value) : undefined;
  }

  isConstant(value: string): boolean {
    return this.#model.graph.initializers.has(value);
  }

  /** The elements of a constant of floats or integers; `undefined` for anything else. */
  numbersOf(value: string | undefined): readonly number[] | undefined {
    const constant = value === undefined ? undefined : this.#model.graph.initializers.get(value);
    // Bits of float16 are no numbers.
    if (constant === undefined || constant.type === 'float16' || constant.type === 'string') return undefined;
    return Array.from(constant.data as ArrayLike<number | bigint>, Number);
  }

  /** A constant of one element, or of equal ones; `undefined` for anything else. */
  scalarOf(value: string | undefined): number | undefined {
    const numbers = this.numbersOf(value);
    const [first] = numbers ?? [];
    return first !== undefined && numbers!.every((number) => number === first) ? first : undefined;
  }

  /**
   * Whether an axis holds all scores of a sample: of the other axes, all but the batch have length 1.
   *
   * @param value what the axis is of
   */
  isOverClasses(value: string, axis: number): boolean {
    const shape = this.shapeOf(value);
    if (shape === undefined) return [-1, 1].includes(axis);
    const place = normalAxis(axis, shape.length);
    const others = shape.filter((dim, at) => at !== place && dim !== 1);
    return place > 0 && shape[place] !== 1 && others.length <= 1;
  }

  /** The axis that a reduction is over, where it is a single one; given as an input or, before opset 18, as an attribute. */
  axisOf(node: Node): number | undefined {
    const axes = intsAttribute(node, 'axes') ?? this.numbersOf(node.inputs[1]);
    return axes?.length === 1 ? axes[0] : undefined;
  }

  /** Whether a value is one number for each sample, the given reduction over the classes of `of`. */
  isReduction(value: string | undefined, kinds: readonly string[], of: (value: string) => boolean): boolean {
    const node = this.makerOf(value);
    if (node === undefined || !kinds.includes(node.opType) || !of(node.inputs[0]!)) return false;
    const axis = this.axisOf(node);
    return axis !== undefined && intAttribute(node, 'keepdims', 1) === 1 && this.isOverClasses(node.inputs[0]!, axis);
  }

  /** Whether two values are computed alike: the same one, or the same operator of such. */
  isSame(one: string, other: string): boolean {
    if (one === other) return true;
    const [a, b] = [this.makerOf(one), this.makerOf(other)];
    if (a === undefined || b === undefined || a.opType !== b.opType || a.inputs.length !== b.inputs.length)
      return false;
    return ALIKE.has(a.opType) && a.inputs.every((input, at) => this.isSame(input, b.inputs[at]!));
  }
}

/** Operators without attributes, of which two with the same inputs compute the same. */
const ALIKE: ReadonlySet<string> = new Set(['Exp', 'Sub', 'Identity']);

/** Operators that do not change a row of class scores but for rounding. */
const ROUNDING: ReadonlySet<string> = new Set([
  'DequantizeLinear',
  'QuantizeLinear',
  'com.microsoft.DequantizeLinear',
  'com.microsoft.QuantizeLinear',
]);

/** ONNX's numbers for float32, float16, float64 and bfloat16. */
const FLOATS: ReadonlySet<number> = new Set([1, 10, 11, 16]);

/** Whether the scores of a sample stay as they are but for rounding; a Transpose must leave the batch in front. */
export function keepsScores(node: Node): boolean {
  if (node.opType === 'Transpose') return intsAttribute(node, 'perm')?.[0] === 0;
  if (node.opType === 'Cast') return FLOATS.has(intAttribute(node, 'to', 0));
  if (node.opType === 'Dropout') return true;
  return ROUNDING.has(node.opType) || OPERATORS.get(node.opType)?.keepsElements === true;
}

/**
 * What a node takes its scores of, where it leaves their order as it is and changes them by no more than a clip, a scale or a
 * shift that is the same for all scores of a sample.
 *
 * @returns the name of the value; `undefined` for other nodes
 */
export function sameOrder(graph: ScoresGraph, node: Node): string | undefined {
  const [first = '', second] = node.inputs;
  if (keepsScores(node)) return first;
  switch (node.opType) {
    case 'Clip':
    case 'Relu':
      return first;
    case 'Min':
    case 'Max':
    case 'Sum':
    case 'Mean':
    case 'Add':
    case 'Mul': {
      const computed = node.inputs.filter((input) => graph.scalarOf(input) === undefined);
      const scalars = node.inputs.map((input) => graph.scalarOf(input)).filter((scalar) => scalar !== undefined);
      if (computed.length !== 1 || graph.isConstant(computed[0]!)) return undefined;
      return node.opType !== 'Mul' || scalars.every((scalar) => scalar > 0) ? computed[0] : undefined;
    }
    case 'Sub':
      return graph.scalarOf(second) === undefined ? undefined : first;
    case 'Pow':
      return (graph.scalarOf(second) ?? 0) > 0 ? first : undefined;
    case 'Sqrt':
      return first;
    case 'Div':
      return (graph.scalarOf(second) ?? 0) > 0 ? first : perSample(graph, node);
    default:
      return undefined;
  }
}

/** What is divided by its sum over the classes. */
function perSample(graph: ScoresGraph, { inputs }: Node): string | undefined {
  const [scores = '', divisor] = inputs;
  return isSumOf(graph, divisor, scores) ? scores : undefined;
}

/** Whether a value is the sum of positive scores over the classes, perhaps kept away from 0. */
export function isSumOf(graph: ScoresGraph, value: string | undefined, scores: string): boolean {
  const node = graph.makerOf(value);
  if (node === undefined) return false;
  const isSmallest = ['Add', 'Max', 'Clip'].includes(node.opType);
  if (isSmallest || node.opType === 'Expand') {
    const computed = node.opType === 'Clip' || node.opType === 'Expand' ? [node.inputs[0]!] : node.inputs;
    return computed.some((input) => isSumOf(graph, input, scores));
  }
  return graph.isReduction(value, ['ReduceSum', 'ReduceL1'], (of) => graph.isSame(of, scores));
}
