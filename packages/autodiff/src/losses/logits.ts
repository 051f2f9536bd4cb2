/** @file Finds the logits in front of a final softmax. */

import { GraphBuilder, WORKING_OPSET } from '../builder/builder.ts';
import { normalAxis } from '../model/dims.ts';
import type { Dim, Model, Node } from '../model/model.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';

/** Operators that only rearrange a row of class scores. */
const REARRANGE: ReadonlySet<string> = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze']);

/** The scores that a classifier ends in. */
export interface ClassScores {
  /** The value itself. */
  readonly value: string;
  /** Whether it went through a softmax. */
  readonly probabilities: boolean;
  /** In front of the softmax, where there is one: its input. */
  readonly logits: string;
}

/**
 * Looks back from an output through operators that only rearrange. The exponential of a log-softmax is a softmax.
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
    if (node === undefined || !rearranges(node)) return { value: output, probabilities: false, logits: output };
    value = node.inputs[0]!;
  }
}

/** Whether a row of scores stays a row of scores; a transposition may not move the batch. */
function rearranges(node: Node): boolean {
  if (node.opType === 'Transpose') return intsAttribute(node, 'perm')?.[0] === 0;
  return REARRANGE.has(node.opType);
}

/** Whether a softmax is over all scores of a sample: of the other axes, one is the batch and all else is 1 long. */
function isOverClasses(node: Node, shape: readonly Dim[] | undefined): boolean {
  const axis = intAttribute(node, 'axis', -1);
  if (shape === undefined) return [-1, 1].includes(axis);
  const place = normalAxis(axis, shape.length);
  const others = shape.filter((dim, at) => at !== place && dim !== 1);
  return place > 0 && shape[place] !== 1 && others.length <= 1;
}

/** The shapes of a model's values, worked out when the first is asked for. */
function shapes(model: Model): (value: string) => readonly Dim[] | undefined {
  let builder: GraphBuilder | undefined;
  return (value) => {
    if (model.opset < WORKING_OPSET) return undefined;
    builder ??= GraphBuilder.from(model, { skip: 'outputs' });
    return builder.isDescribed(value) ? builder.shape(value) : undefined;
  };
}
