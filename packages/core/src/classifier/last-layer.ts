/** @file The weights of a network's last layer. */

import { floatAttribute, intAttribute, type Node, type TensorValue } from '@pareidolia/autodiff';

/** A layer that is linear: logits are weights by features, plus a bias. */
export interface LastLayer {
  readonly numClasses: number;
  /** Features. */
  readonly width: number;
  /** `classes x width`, row-major. */
  readonly weight: Float32Array;
  /** One for each class. */
  readonly bias: Float32Array;
}

/**
 * The layer that a product, or a convolution of single places, is.
 *
 * @param node `Gemm`, `MatMul` or `Conv`
 * @param bias name of the constant that is added behind it
 * @returns `undefined` where weights are no float32 constants, or have another form
 */
export function productLayer(
  node: Node,
  constants: ReadonlyMap<string, TensorValue>,
  bias: string | undefined,
): LastLayer | undefined {
  const { opType, inputs } = node;
  const weight = floats(constants.get(inputs[1]!));
  if (weight === undefined || weight.dims.length < 2) return undefined;
  if (opType === 'Gemm' && intAttribute(node, 'transA', 0) !== 0) return undefined;
  const isRows = opType === 'Conv' || (opType === 'Gemm' && intAttribute(node, 'transB', 0) !== 0);
  if (opType !== 'Conv' && weight.dims.length !== 2) return undefined;
  const [first, second] = [weight.dims[0]!, weight.dims[1]!];
  const [numClasses, width] = isRows ? [first, second] : [second, first];
  const alpha = opType === 'Gemm' ? floatAttribute(node, 'alpha', 1) : 1;
  const beta = opType === 'Gemm' ? floatAttribute(node, 'beta', 1) : 1;
  const rows = new Float32Array(numClasses * width);
  for (let k = 0; k < numClasses; k++) {
    for (let i = 0; i < width; i++)
      rows[k * width + i] = alpha * weight.data[isRows ? k * width + i : i * numClasses + k]!;
  }
  const sum = new Float32Array(numClasses);
  const own = inputs[2] === undefined || inputs[2] === '' ? undefined : inputs[2];
  for (const [name, factor] of [
    [own, beta],
    [bias, 1],
  ] as const) {
    if (name === undefined) continue;
    const added = floats(constants.get(name));
    if (added === undefined || (added.data.length !== numClasses && added.data.length !== 1)) return undefined;
    for (let k = 0; k < numClasses; k++) sum[k]! += factor * added.data[added.data.length === 1 ? 0 : k]!;
  }
  return { numClasses, width, weight: rows, bias: sum };
}

function floats(
  value: TensorValue | undefined,
): { readonly dims: readonly number[]; readonly data: Float32Array } | undefined {
  return value?.type === 'float32' ? { dims: value.dims, data: value.data as Float32Array } : undefined;
}
