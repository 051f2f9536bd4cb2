/** @file Finds the logits in front of a final softmax. */

import { intAttribute, type Model, type Node } from './model.ts';

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
 * Looks back from an output through operators that only rearrange.
 *
 * @param output name of one of the model's outputs
 */
export function findLogits(model: Model, output: string): ClassScores {
  const makers = new Map<string, Node>(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  let value = output;
  for (;;) {
    const node = makers.get(value);
    if (node?.opType === 'Softmax' && isOverClasses(node)) {
      return { value: output, probabilities: true, logits: node.inputs[0]! };
    }
    if (node === undefined || !REARRANGE.has(node.opType))
      return { value: output, probabilities: false, logits: output };
    value = node.inputs[0]!;
  }
}

function isOverClasses(node: Node): boolean {
  return [-1, 1].includes(intAttribute(node, 'axis', -1));
}
