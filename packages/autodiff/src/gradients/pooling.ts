/**
 * @file Gradients of pools. Where several elements share the maximum of a window, the first one in row-major order gets
 * the cotangent.
 */

import type { Node } from '../model/model.ts';
import { intsAttribute } from '../operators/attributes.ts';
import { dropsWindow } from '../operators/windows.ts';
import { averagePool, lpPool } from './average-pool.ts';
import { isPositive } from './elementwise.ts';
import { globalAveragePool, globalLpPool, globalMaxPool } from './global-pooling.ts';
import { maxPoolByPhases } from './max-pool.ts';
import { LOWEST, maxPoolByTaps } from './max-pool-by-taps.ts';
import { maxPoolOfLargeWindows } from './max-pool-of-large-windows.ts';
import { toNchwc } from './nchwc.ts';
import type { GradientContext, GradientRule } from './types.ts';
import { windowed } from './windowed.ts';

/** Moves the cotangent to the maximum of each window, by the fastest method for the windows. */
function maxPoolBack(context: GradientContext): string {
  const { b, node } = context;
  const image = windowed(b, node, intsAttribute(node, 'kernel_shape') ?? [], LOWEST);
  const poolBack = (part: Node, g: string): string => maxPoolBack({ ...context, node: part, g, cotangents: [g] });
  const large = maxPoolOfLargeWindows(context, image.image, image.windows, poolBack);
  if (large !== undefined) return image.crop(large);
  return maxPoolByPhases(context, image.windows) ?? maxPoolByTaps(context, image);
}

/** Each maximum gets the cotangent of its window. */
const maxPool: GradientRule = (context) => {
  const { b, node, g, masked, cotangents, unsupported } = context;
  if (cotangents[0] === undefined) return unsupported('its indices have no gradient');
  const x = node.inputs[0]!;
  const { windows } = windowed(b, node, intsAttribute(node, 'kernel_shape') ?? [], LOWEST);
  const scattered = (cotangent: string): string => maxPoolBack({ ...context, g: cotangent });
  // Where ONNX Runtime's shape inference miscounts windows, it rejects products with the output.
  if (!isRectified(context, x) || dropsWindow(b.shape(x).slice(2), windows)) return [scattered(g)];
  // The element that gets the cotangent equals the maximum, so the mask of a ReLU before the pool can be applied after
  // it, on the
  // smaller tensor.
  const result = scattered(b.op('Mul', [toNchwc(b, g), isPositive({ b }, node.outputs[0]!)]));
  masked.add(result);
  return [result];
};

/**
 * Whether a value, or each part of a concatenated one, is the output of a ReLU, and no gradient was requested in
 * between.
 */
function isRectified(context: GradientContext, value: string): boolean {
  const maker = context.b.nodes.find(({ outputs }) => outputs[0] === value);
  if (maker === undefined || context.asked.has(value)) return false;
  return (
    maker.opType === 'Relu' || (maker.opType === 'Concat' && maker.inputs.every((part) => isRectified(context, part)))
  );
}

export const POOLING: Readonly<Record<string, GradientRule>> = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalMaxPool,
  LpPool: lpPool,
  MaxPool: maxPool,
};
