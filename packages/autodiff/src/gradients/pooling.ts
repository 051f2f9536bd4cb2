/**
 * @file Gradients of pools. Where several elements share the maximum of a window, the first one in row-major order gets
 * the cotangent.
 */

import { maxPoolGradient } from '../builder/composites.ts';
import { intsAttribute } from '../operators/attributes.ts';
import { averagePool, lpPool } from './average-pool.ts';
import { globalAveragePool, globalLpPool, globalMaxPool } from './global-pooling.ts';
import type { GradientRule } from './types.ts';
import { LOWEST, windowed } from './windowed.ts';

/** Each maximum gets the cotangent of its window. */
const maxPool: GradientRule = ({ b, node, cotangents, unsupported }) => {
  const [g] = cotangents;
  if (g === undefined) return unsupported('its indices have no gradient');
  const { image, windows, crop } = windowed(b, node, intsAttribute(node, 'kernel_shape') ?? [], LOWEST);
  return [crop(maxPoolGradient(b, g, image, node.outputs[0]!, windows))];
};

export const POOLING: Readonly<Record<string, GradientRule>> = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalMaxPool,
  LpPool: lpPool,
  MaxPool: maxPool,
};
