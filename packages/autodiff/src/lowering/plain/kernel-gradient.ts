/** @file The gradient of a convolution with respect to its kernel, grouped or not. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { lengthsOf } from '../../gradients/windowed.ts';
import type { Windows } from '../../operators/windows.ts';

/**
 * A convolution over the batch: batch and channels of images and cotangents are swapped, and so are strides and
 * dilations.
 *
 * @param image `N x (group I) x spatial`
 * @param cotangent `N x (group O) x windows`
 * @param windows with explicit padding; a negative width at the end stands for elements that no window reaches
 * @param ins I, the input channels per group
 * @returns `(group O) x I x kernel`
 */
export function kernelGradient(
  b: GraphBuilder,
  image: string,
  cotangent: string,
  windows: Windows,
  group: number,
  ins: number,
): string {
  const { kernel, strides, dilations, before, after } = windows;
  const spatial = kernel.map((_, axis) => axis + 2);
  const exchanged = [1, 0, ...spatial];
  const exchange = (value: string): string => b.op('Transpose', [value], { perm: exchanged });
  const images = group === 1 ? exchange(image) : groupsAsChannels(b, image, group, ins, spatial);
  const full = b.op('Conv', [images, exchange(cotangent)], {
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after.map((pad) => Math.max(0, pad))],
    group,
  });
  const weight = exchange(full);
  if (strides.every((stride) => stride === 1) && after.every((pad) => pad >= 0)) return weight;
  // Rows that no window reaches result in extra rows after the kernel.
  return b.op('Slice', [weight, b.ints(kernel.map(() => 0)), b.ints(kernel), b.ints(spatial)]);
}

/** `N x (group I) x spatial` as `I x (group N) x spatial`: for the convolution that gives the kernel's gradient. */
function groupsAsChannels(
  b: GraphBuilder,
  image: string,
  group: number,
  ins: number,
  spatial: readonly number[],
): string {
  const apart = b.op('Reshape', [image, b.ints([0, group, ins, -1])]);
  const turned = b.op('Transpose', [apart], { perm: [2, 1, 0, 3] });
  return b.op('Reshape', [turned, lengthsOf(b, image, spatial, [ins, -1])]);
}
