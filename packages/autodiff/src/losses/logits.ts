/** @file Finds the logits in front of a final softmax or sigmoid. */

import type { Model, Node } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import { isSumOf, ScoresGraph, sameOrder } from './scores-graph.ts';

/** The class scores that a classifier outputs. */
export interface ClassScores {
  /** Name of the output. */
  readonly value: string;
  /**
   * Whether the output is a softmax, and so consists of probabilities in [0, 1]; or such probabilities clipped, scaled or
   * shifted, all scores of a sample alike.
   */
  readonly probabilities: boolean;
  /** Whether each score is a sigmoid of its own, of the logit at its place; absent where it is not. */
  readonly sigmoids?: true;
  /** Name of the value before the softmax or the sigmoid; the output itself if there is none. */
  readonly logits: string;
  /** Where the value before the softmax is quantized: names of its scale and zero point; the latter may be empty. */
  readonly quantization?: { readonly scale: string; readonly zeroPoint: string };
}

/**
 * Finds the logits of a classifier: the input of its final softmax over classes, or of its sigmoids; its output if it ends in
 * neither.
 *
 * Goes back from the output through everything that leaves the order of a sample's scores as it is: changes of shape (Flatten,
 * Identity, Reshape, Squeeze, Unsqueeze, and a Transpose that leaves the batch in front), Cast, Dropout, quantization, Clip,
 * Relu, Sqrt; sums with and products by a positive number that is the same for all scores, powers, and the division by their
 * sum. The exponential of a LogSoftmax counts as a softmax, and so does one that is written out: exp(z) / sum(exp(z)), or
 * exp(z - log(sum(exp(z)))). A sigmoid may be written out as 1 / (1 + exp(-z)).
 *
 * @param output name of one of the model's outputs
 */
export function findLogits(model: Model, output: string): ClassScores {
  const graph = new ScoresGraph(model);
  const nothing: ClassScores = { value: output, probabilities: false, logits: output };
  let value = output;
  let isNormalized = false;
  for (;;) {
    const node = graph.makerOf(value);
    if (node === undefined) return nothing;
    const softmax = softmaxInput(graph, node);
    if (softmax !== undefined) return { value: output, probabilities: true, logits: softmax };
    if (node.opType === 'com.microsoft.QLinearSoftmax' && graph.isOverClasses(node.inputs[0]!, axisOf(node))) {
      const [logits = '', scale = '', zeroPoint = ''] = node.inputs;
      return { value: output, probabilities: true, logits, quantization: { scale, zeroPoint } };
    }
    const sigmoid = sigmoidInput(graph, node);
    // Sigmoids that are divided by their sum are probabilities, of other logits.
    if (sigmoid !== undefined) {
      return isNormalized ? nothing : { value: output, probabilities: false, sigmoids: true, logits: sigmoid };
    }
    const before = sameOrder(graph, node);
    if (before === undefined) return nothing;
    if (node.opType === 'Div' && graph.scalarOf(node.inputs[1]) === undefined) isNormalized = true;
    value = before;
  }
}

const axisOf = (node: Node): number => intAttribute(node, 'axis', -1);

/** The logits, where a node ends a softmax over the classes. */
export function softmaxInput(graph: ScoresGraph, node: Node): string | undefined {
  const [first = '', second] = node.inputs;
  const over = (value: string, axis: number): string | undefined =>
    graph.isOverClasses(value, axis) ? value : undefined;
  switch (node.opType) {
    case 'Softmax':
      return over(first, axisOf(node));
    case 'Exp': {
      const inner = graph.makerOf(first);
      if (inner?.opType === 'LogSoftmax') return over(inner.inputs[0]!, axisOf(inner));
      if (inner?.opType === 'Sub' && isLogSumExp(graph, inner.inputs[1], inner.inputs[0]!)) return inner.inputs[0];
      return undefined;
    }
    case 'Div': {
      const exponent = exponentOf(graph, first);
      return exponent !== undefined && isSumOf(graph, second, first) ? unshifted(graph, exponent) : undefined;
    }
    case 'Mul': {
      const [exp, sum] = graph.makerOf(first)?.opType === 'Reciprocal' ? [second, first] : [first, second];
      const reciprocal = graph.makerOf(sum);
      const exponent = exponentOf(graph, exp);
      if (exponent === undefined || reciprocal?.opType !== 'Reciprocal') return undefined;
      return isSumOf(graph, reciprocal.inputs[0], exp!) ? unshifted(graph, exponent) : undefined;
    }
    default:
      return undefined;
  }
}

/** The value that an exponential is taken of. */
function exponentOf(graph: ScoresGraph, value: string | undefined): string | undefined {
  const node = graph.makerOf(value);
  return node?.opType === 'Exp' ? node.inputs[0] : undefined;
}

/** Logits before their largest one is subtracted. */
function unshifted(graph: ScoresGraph, value: string): string {
  const node = graph.makerOf(value);
  if (node?.opType !== 'Sub') return value;
  const [logits = '', shift] = node.inputs;
  return graph.isReduction(shift, ['ReduceMax'], (of) => of === logits) ? logits : value;
}

/** Whether a value is the logarithm of the sum of exponentials of the logits. */
function isLogSumExp(graph: ScoresGraph, value: string | undefined, logits: string): boolean {
  if (graph.isReduction(value, ['ReduceLogSumExp'], (of) => of === logits)) return true;
  const node = graph.makerOf(value);
  if (node?.opType !== 'Log') return false;
  return graph.isReduction(node.inputs[0], ['ReduceSum'], (of) => exponentOf(graph, of) === logits);
}

/** The logits, where a node ends in sigmoids: Sigmoid, or 1 / (1 + exp(-z)). */
export function sigmoidInput(graph: ScoresGraph, node: Node): string | undefined {
  const [first = '', second = ''] = node.inputs;
  if (node.opType === 'Sigmoid') return first;
  const isReciprocal = node.opType === 'Reciprocal' || (node.opType === 'Div' && graph.scalarOf(first) === 1);
  if (!isReciprocal) return undefined;
  const sum = graph.makerOf(node.opType === 'Reciprocal' ? first : second);
  if (sum?.opType !== 'Add') return undefined;
  const [exp] = sum.inputs.filter((input) => graph.scalarOf(input) !== 1);
  const negative = graph.makerOf(exponentOf(graph, exp));
  if (negative?.opType === 'Neg' && sum.inputs.some((input) => graph.scalarOf(input) === 1)) return negative.inputs[0];
  return undefined;
}
