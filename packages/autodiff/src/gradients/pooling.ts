/** @file Gradients of pools. Where several elements share the maximum of a window, the first one (row-major) gets it all. */

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

/** Brings the cotangent to where each maximum was found, in the way that the windows call for. */
function maxPoolBack(context: GradientContext): string {
  const { b, node } = context;
  const image = windowed(b, node, intsAttribute(node, 'kernel_shape') ?? [], LOWEST);
  const poolBack = (part: Node, g: string): string => maxPoolBack({ ...context, node: part, g, cotangents: [g] });
  const large = maxPoolOfLargeWindows(context, image.image, image.windows, poolBack);
  if (large !== undefined) return image.crop(large);
  return maxPoolByPhases(context, image.windows) ?? maxPoolByTaps(context, image);
}

/** The cotangent goes to where the maximum was found. */
const maxPool: GradientRule = (context) => {
  const { b, node, g, masked, cotangents, unsupported } = context;
  if (cotangents[0] === undefined) return unsupported('its indices have no gradient');
  const x = node.inputs[0]!;
  const { windows } = windowed(b, node, intsAttribute(node, 'kernel_shape') ?? [], LOWEST);
  const scattered = (cotangent: string): string => maxPoolBack({ ...context, g: cotangent });
  // With a shape that is miscounted ONNX Runtime refuses products.
  if (!isRectified(context, x) || dropsWindow(b.shape(x).slice(2), windows)) return [scattered(g)];
  // The element that the cotangent goes to equals the maximum: the mask of the ReLU is cheaper on the smaller tensor.
  const result = scattered(b.op('Mul', [toNchwc(b, g), isPositive({ b }, node.outputs[0]!)]));
  masked.add(result);
  return [result];
};

/** Whether ReLUs made a value, or the parts of it, and nobody asked for the gradient in between. */
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
