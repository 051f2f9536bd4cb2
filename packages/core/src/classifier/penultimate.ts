/** @file What a network computes before its last layer. */

import type { Model, Node } from '@pareidolia/autodiff';

/** Operators that leave the values of their input as they are, but for rounding. */
const REARRANGE = new Set(['DequantizeLinear', 'Flatten', 'Identity', 'QuantizeLinear', 'Reshape', 'Squeeze']);

/**
 * The input of the last fully connected layer.
 *
 * @param logits name of the value that the softmax is taken of
 * @returns the name of the value; `undefined` where the network does not end in such a layer
 */
export function penultimateValue({ graph }: Model, logits: string): string | undefined {
  const makers = new Map<string, Node>(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  /** Weights are constants, or quantized ones. */
  const isWeight = (name: string): boolean => {
    const maker = makers.get(name);
    return graph.initializers.has(maker?.opType === 'DequantizeLinear' ? maker.inputs[0]! : name);
  };
  let value: string | undefined = logits;
  for (;;) {
    const node: Node | undefined = value === undefined ? undefined : makers.get(value);
    if (node === undefined) return undefined;
    if (node.opType === 'Gemm' || node.opType === 'MatMul') {
      return isWeight(node.inputs[1]!) ? node.inputs[0] : undefined;
    }
    if (REARRANGE.has(node.opType)) value = node.inputs[0];
    else if (node.opType === 'Add') value = besideBias(node, isWeight);
    else return undefined;
  }
}

/** What a bias is added to; `undefined` where two computed values are added. */
function besideBias({ inputs }: Node, isConstant: (name: string) => boolean): string | undefined {
  const computed = inputs.filter((name) => !isConstant(name));
  return computed.length === 1 ? computed[0] : undefined;
}
