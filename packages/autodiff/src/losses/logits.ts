/** @file Finds the logits in front of a final softmax. */

import { GraphBuilder, WORKING_OPSET } from '../builder/builder.ts';
import { normalAxis } from '../model/dims.ts';
import type { Dim, Model, Node } from '../model/model.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import { OPERATORS } from '../operators/table.ts';

/** Operators that do not change a row of class scores but for rounding. */
const ROUNDING: ReadonlySet<string> = new Set([
  'DequantizeLinear',
  'QuantizeLinear',
  'com.microsoft.DequantizeLinear',
  'com.microsoft.QuantizeLinear',
]);

/** The class scores that a classifier outputs. */
export interface ClassScores {
  /** Name of the output. */
  readonly value: string;
  /** Whether the output is a softmax, and so consists of probabilities in [0, 1]. */
  readonly probabilities: boolean;
  /** Name of the value before the softmax; the output itself if there is no softmax. */
  readonly logits: string;
  /** Where the value before the softmax is quantized: names of its scale and zero point; the latter may be empty. */
  readonly quantization?: { readonly scale: string; readonly zeroPoint: string };
}

/**
 * Finds the logits of a classifier: the input of its final softmax over classes, or its output if there is no softmax.
 *
 * Goes back from the output through operators that only change its shape (Flatten, Identity, Reshape, Squeeze,
 * Unsqueeze, and a Transpose that leaves the batch in front), and through quantization. The exponential of a LogSoftmax counts as a softmax.
 *
 * @param output name of one of the model's outputs
 */
export function findLogits(model: Model, output: string): ClassScores {
  const makers = new Map<string, Node>(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const shapeOf = shapes(model);
  let value = output;
  for (;;) {
    const node = makers.get(value);
    const inner = node?.opType === 'Exp' ? makers.get(node.inputs[0]!) : undefined;
    const softmax = node?.opType === 'Softmax' ? node : inner?.opType === 'LogSoftmax' ? inner : undefined;
    if (softmax !== undefined && isOverClasses(softmax, shapeOf(softmax.inputs[0]!))) {
      return { value: output, probabilities: true, logits: softmax.inputs[0]! };
    }
    if (node?.opType === 'com.microsoft.QLinearSoftmax' && isOverClasses(node, shapeOf(node.inputs[0]!))) {
      const [logits = '', scale = '', zeroPoint = ''] = node.inputs;
      return { value: output, probabilities: true, logits, quantization: { scale, zeroPoint } };
    }
    if (node === undefined || !rearranges(node)) return { value: output, probabilities: false, logits: output };
    value = node.inputs[0]!;
  }
}

/** Whether a row of scores stays a row of scores; a Transpose must leave the batch in front. */
function rearranges(node: Node): boolean {
  if (node.opType === 'Transpose') return intsAttribute(node, 'perm')?.[0] === 0;
  return ROUNDING.has(node.opType) || OPERATORS.get(node.opType)?.keepsElements === true;
}

/** Whether a softmax is over all scores of a sample: of the other axes, all but the batch have length 1. */
function isOverClasses(node: Node, shape: readonly Dim[] | undefined): boolean {
  const axis = intAttribute(node, 'axis', -1);
  if (shape === undefined) return [-1, 1].includes(axis);
  const place = normalAxis(axis, shape.length);
  const others = shape.filter((dim, at) => at !== place && dim !== 1);
  return place > 0 && shape[place] !== 1 && others.length <= 1;
}

/** The shapes of a model's values, inferred when the first one is asked for. */
function shapes(model: Model): (value: string) => readonly Dim[] | undefined {
  let builder: GraphBuilder | undefined;
  return (value) => {
    if (model.opset < WORKING_OPSET) return undefined;
    builder ??= GraphBuilder.from(model, { skip: 'outputs' });
    return builder.isDescribed(value) ? builder.shape(value) : undefined;
  };
}
