/**
 * @file The gradient of a convolution by an image of few channels, from the phases of its cotangent: each phase is convolved
 * by itself to all phases of the image, which fill a block together, and the sum is fused into the convolutions.
 */

import type { TensorValue } from '../../model/tensor.ts';
import type { Windows } from '../../operators/windows.ts';
import type { CpuContext } from './context.ts';
import { phaseKernel } from './kernels.ts';
import { type MergedPhases, mergePhases, phasesOf } from './phases.ts';

/**
 * @param weight `O x I x height x width`
 * @param windows of the convolution
 * @param scale a factor for each of the O channels
 * @param lengths of the image
 * @returns `undefined` where the phases are not in the layout
 */
export function imageByParts(
  { b, layout }: CpuContext,
  { phases, part }: MergedPhases,
  weight: TensorValue,
  windows: Windows,
  scale: ArrayLike<number | bigint> | undefined,
  lengths: readonly number[],
): string | undefined {
  const { parts = [], channels, each } = phases;
  if (parts.length < 2 || !parts.every((value) => layout.has(value))) return undefined;
  const strides = windows.strides.map((stride, axis) => stride * phases.strides[axis]!);
  const [down = 1, across = 1] = strides;
  const all = phasesOf(down, across);
  const its = lengths.map((length, axis) => Math.ceil(length / strides[axis]!));
  let sum: string | undefined;
  for (const [index, remainders] of phasesOf(...phases.strides).entries()) {
    // Where this phase begins in the cotangent, in steps of the convolution.
    const before = windows.before.map(
      (pad, axis) => pad - windows.strides[axis]! * (remainders[axis]! - part.from[axis + 1]!),
    );
    const shifted = { ...windows, strides, before };
    const { kernel, pads } = phaseKernel(weight, 1, shifted, all, each, its, scale, channels);
    const image = b.op('Conv', [parts[index]!, b.constant(kernel)], { kernel_shape: kernel.dims.slice(2), pads });
    sum = sum === undefined ? image : b.op('Add', [image, sum]);
  }
  const ins = weight.dims[1]!;
  const whole = { value: sum!, strides: [down, across] as const, channels: ins, each: its };
  return mergePhases(b, layout.block, whole, { from: [0, 0, 0], to: [ins, ...lengths] });
}
