/**
 * @file Masks of a Relu in front of a max pool. The element that gets the cotangent equals the maximum, so the mask can
 * be applied behind the pool, on the smaller tensor.
 */

import type { Graph, Node } from '../../model/model.ts';
import { needsOf } from '../../model/subgraphs.ts';
import { intAttribute } from '../../operators/attributes.ts';

/**
 * The gradients of max pools (by their output) whose only use is to be masked by the Relu that the pool follows: directly,
 * or in parts, where the pool follows a Concat of Relus.
 */
export function maskedAfterwards({ nodes, outputs }: Graph): ReadonlySet<string> {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const users = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const input of new Set(needsOf(node))) users.set(input, [...(users.get(input) ?? []), node]);
  }
  const isOutput = new Set(outputs.map(({ name }) => name));
  const isMasked = (gradient: string, y: string): boolean =>
    makers.get(y)?.opType === 'Relu' &&
    !isOutput.has(gradient) &&
    (users.get(gradient) ?? []).every(
      ({ opType, inputs }) => opType === 'pareidolia.ReluGradient' && inputs[0] === gradient && inputs[1] === y,
    );
  const found = nodes.filter(({ opType, inputs, outputs: [gradient = ''] }) => {
    if (opType !== 'pareidolia.MaxPoolGradient') return false;
    const [, x = ''] = inputs;
    if (isMasked(gradient, x)) return true;
    const [split, ...more] = users.get(gradient) ?? [];
    const concat = makers.get(x);
    if (split?.opType !== 'Split' || concat?.opType !== 'Concat' || more.length > 0 || isOutput.has(gradient)) {
      return false;
    }
    const together = intAttribute(split, 'axis', 0) === 1 && intAttribute(concat, 'axis', 0) === 1;
    return (
      together &&
      split.outputs.length === concat.inputs.length &&
      split.outputs.every((part, index) => part === '' || isMasked(part, concat.inputs[index]!))
    );
  });
  return new Set(found.map(({ outputs: [gradient = ''] }) => gradient));
}
