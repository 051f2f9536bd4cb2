/** @file The logarithm of scores that are combined from softmaxes and sigmoids, without taking it of rounded scores. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Model, Node } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import { sigmoidInput, softmaxInput } from './logits.ts';
import { isSumOf, keepsScores, ScoresGraph } from './scores-graph.ts';

/** Adds the logarithm of a value to a graph that holds the network. Returns its name. */
type Emit = (b: GraphBuilder) => string;

/**
 * The logarithm of positive scores, computed of the logits that they are made of: log-softmaxes and log-sigmoids, products,
 * means and sums (an ensemble), scales, powers, 1 - sigmoid, and the same rearranged, joined or cut out. So it stays exact
 * where a score is rounded to 0 or 1. Clips are left out, and so is the division by the scores' own sum, which adds the same
 * number to all logarithms of a sample: a softmax of the result is the normalized score.
 *
 * @param network of a current opset (see {@link upgrade}), so that shapes are known
 * @param scores name of the value
 * @returns what adds the nodes to a builder that holds the network; `undefined` where the scores are made in another way
 */
export function logScores(network: Model, scores: string): Emit | undefined {
  return logOf(new ScoresGraph(network), scores);
}

function logOf(graph: ScoresGraph, value: string): Emit | undefined {
  const constants = graph.numbersOf(value);
  const node = graph.makerOf(value);
  if (constants !== undefined || node === undefined) return undefined;
  const softmax = softmaxInput(graph, node);
  if (softmax !== undefined) {
    const axis = classAxis(graph, softmax);
    return axis === undefined ? undefined : (b) => b.op('LogSoftmax', [softmax], { axis });
  }
  const sigmoid = sigmoidInput(graph, node);
  if (sigmoid !== undefined) return (b) => b.op('Neg', [b.op('Softplus', [b.op('Neg', [sigmoid])])]);
  const [first = '', second = ''] = node.inputs;
  switch (node.opType) {
    case 'Exp':
      return () => first;
    case 'Sub':
      return graph.scalarOf(first) === 1 ? logOfComplement(graph, second) : undefined;
    case 'Clip':
    case 'Cast':
    case 'Dropout':
      return logOf(graph, first);
    case 'Sqrt':
      return scaled(logOf(graph, first), 0.5);
    case 'Pow':
      return scaled(logOf(graph, first), graph.scalarOf(second));
    case 'Div':
      if (isSumOf(graph, second, first)) return logOf(graph, first);
      return factors(graph, [first], [second]);
    case 'Mul':
      return factors(graph, node.inputs, []);
    case 'Add':
    case 'Sum':
    case 'Mean':
      return summed(node.inputs.map((input) => logOf(graph, input)));
    case 'ReduceMean':
    case 'ReduceSum':
      return overMembers(graph, node);
    case 'Concat':
      return copied(graph, node, node.inputs.length);
    case 'Slice':
    case 'Gather':
      return copied(graph, node, 1);
    default:
      if (node.opType.includes('QuantizeLinear') || node.opType.includes('DequantizeLinear'))
        return logOf(graph, first);
      return keepsScores(node) ? copied(graph, node, 1) : undefined;
  }
}

/** log(1 - p), for a sigmoid p that may be rearranged. */
function logOfComplement(graph: ScoresGraph, value: string): Emit | undefined {
  const node = graph.makerOf(value);
  if (node === undefined) return undefined;
  const sigmoid = sigmoidInput(graph, node);
  if (sigmoid !== undefined) return (b) => b.op('Neg', [b.op('Softplus', [sigmoid])]);
  if (['Cast', 'Clip', 'Dropout'].includes(node.opType)) return logOfComplement(graph, node.inputs[0]!);
  if (!keepsScores(node)) return undefined;
  const inner = logOfComplement(graph, node.inputs[0]!);
  return inner && ((b) => copy(b, node, [inner(b)]));
}

/** The axis that the scores of a sample are along. */
function classAxis(graph: ScoresGraph, value: string): number | undefined {
  const shape = graph.shapeOf(value);
  if (shape === undefined) return undefined;
  const axes = [...shape.keys()].filter((axis) => axis > 0 && graph.isOverClasses(value, axis));
  return axes.length === 1 ? axes[0] : undefined;
}

function scaled(inner: Emit | undefined, by: number | undefined): Emit | undefined {
  if (inner === undefined || by === undefined || by <= 0) return undefined;
  return (b) => b.op('Mul', [inner(b), b.scalar(by)]);
}

/** The sum of the logarithms of factors, less those of divisors; constants among them must be above 0. */
function factors(graph: ScoresGraph, above: readonly string[], below: readonly string[]): Emit | undefined {
  const constants = [...above, ...below].map((value) => graph.numbersOf(value));
  if (constants.some((numbers) => numbers?.some((number) => !(number > 0)))) return undefined;
  const logarithm = (value: string): Emit | undefined =>
    graph.isConstant(value) ? (b) => b.op('Log', [value]) : logOf(graph, value);
  const plus: readonly (Emit | undefined)[] = above.map(logarithm);
  const minus: readonly (Emit | undefined)[] = below.map(logarithm);
  if (!isWhole(plus) || !isWhole(minus) || above.every((value) => graph.isConstant(value))) return undefined;
  return (b) => {
    const sum = plus.map((emit) => emit(b)).reduce((all, term) => b.op('Add', [all, term]));
    return minus.map((emit) => emit(b)).reduce((all, term) => b.op('Sub', [all, term]), sum);
  };
}

/** log(sum(exp(terms))); a mean has the same but for a constant. */
function summed(terms: readonly (Emit | undefined)[]): Emit | undefined {
  if (!isWhole(terms) || terms.length === 0) return undefined;
  return (b) => {
    const logs = terms.map((emit) => emit(b));
    const top = b.op('Max', logs);
    const sum = logs
      .map((log) => b.op('Exp', [b.op('Sub', [log, top])]))
      .reduce((all, term) => b.op('Add', [all, term]));
    return b.op('Add', [b.op('Log', [sum]), top]);
  };
}

/** A mean or sum over an axis that is not that of the classes: the members of an ensemble, stacked. */
function overMembers(graph: ScoresGraph, node: Node): Emit | undefined {
  const axis = graph.axisOf(node);
  const [value = ''] = node.inputs;
  if (axis === undefined || graph.isOverClasses(value, axis)) return undefined;
  const inner = logOf(graph, value);
  const keepdims = intAttribute(node, 'keepdims', 1);
  return inner && ((b) => b.op('ReduceLogSumExp', [inner(b), b.ints([axis])], { keepdims }));
}

/** The same node, of the logarithms of its first inputs. */
function copied(graph: ScoresGraph, node: Node, inputs: number): Emit | undefined {
  const inner: readonly (Emit | undefined)[] = node.inputs.slice(0, inputs).map((input) => logOf(graph, input));
  return isWhole(inner)
    ? (b) =>
        copy(
          b,
          node,
          inner.map((emit) => emit(b)),
        )
    : undefined;
}

function copy(b: GraphBuilder, node: Node, first: readonly string[]): string {
  const name = b.unique(node.opType);
  const output = `${name}_out`;
  b.add({ ...node, name, inputs: [...first, ...node.inputs.slice(first.length)], outputs: [output] });
  return output;
}

function isWhole(emits: readonly (Emit | undefined)[]): emits is readonly Emit[] {
  return emits.every((emit) => emit !== undefined);
}
