/** @file Gradients of global pooling. */

import type { GraphBuilder } from '../builder/builder.ts';
import { shapeOf } from '../builder/reshaping.ts';
import { product } from '../model/dims.ts';
import { intAttribute } from '../operators/attributes.ts';
import { normDerivative, weightOfNorm } from './norms.ts';
import type { GradientRule } from './types.ts';

export const globalAveragePool: GradientRule = ({ b, node, g }) => {
  const x = node.inputs[0]!;
  const { known, open } = product(b.shape(x).slice(2));
  if (open.length > 0) {
    const size = b.op('Cast', [b.op('ReduceProd', [spatialShape(b, x)], { keepdims: 0 })], { to: 1 });
    return [b.op('Expand', [b.op('Div', [g, size]), b.op('Shape', [x])])];
  }
  // Batch and channels come from the cotangent. With a constant target ONNX Runtime can infer the shape.
  const target = b.shape(x).map((length, axis) => (axis < 2 ? 1 : Number(length)));
  return [b.op('Expand', [b.op('Mul', [g, b.scalar(1 / known)]), b.ints(target)])];
};

/** The first maximum in row-major order gets the whole cotangent. */
export const globalMaxPool: GradientRule = ({ b, node, g }) => {
  const x = node.inputs[0]!;
  const { known, open } = product(b.shape(x).slice(2));
  const rows = (value: string): string => b.op('Reshape', [value, b.ints([0, 0, -1])]);
  const place = b.op('ArgMax', [rows(x)], { axis: 2, keepdims: 1 });
  const int64 = (value: number): string =>
    b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) });
  const places =
    open.length > 0
      ? b.op('Range', [int64(0), b.op('ReduceProd', [spatialShape(b, x)], { keepdims: 0 }), int64(1)])
      : b.ints(Array.from({ length: known }, (_, at) => at));
  const mask = b.op('Cast', [b.op('Equal', [place, places])], { to: 1 });
  return [b.op('Reshape', [b.op('Mul', [rows(g), mask]), shapeOf(b, x)])];
};

export const globalLpPool: GradientRule = ({ b, node, g }) => {
  const p = intAttribute(node, 'p', 2);
  return [b.op('Mul', [normDerivative(b, node.inputs[0]!, p), weightOfNorm(b, g, node.outputs[0]!, p)])];
};

function spatialShape(b: GraphBuilder, x: string): string {
  const axes = b.shape(x).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
  return b.op('Gather', [b.op('Shape', [x]), b.ints(axes)]);
}
