/**
 * @file The gradient of max pooling by phases, where channels fill no blocks: the elements of the windows are cut out of
 * the image as it is, without padded channels. For windows that do not overlap.
 */

import type { GraphBuilder } from '../../builder/builder.ts';
import type { CpuContext } from './context.ts';
import { type Phases, phasesOf } from './phases.ts';
import type { Pool, Pooled } from './pool.ts';
import { unitStep } from './step.ts';

/** Whether the windows tile the image from its first element on, perhaps with some elements left at the end. */
export function tiles({ kernel, stride, before, lengths, counts }: Pool): boolean {
  return kernel.every(
    (size, axis) => size === stride && before[axis] === 0 && counts[axis]! * stride <= lengths[axis]!,
  );
}

/**
 * Goes through the elements of a window in row-major order, for all windows at once. `rest` is the part of the cotangent
 * that has not found its maximum yet: it passes on where the element is below the maximum.
 */
export function scatterBySlices({ b }: CpuContext, { g, x, y }: Pooled, { stride, counts, channels }: Pool): Phases {
  const places = phasesOf(stride, stride);
  let rest = g;
  const found = places.map(([row, column], index) => {
    if (index === places.length - 1) return rest;
    const below = b.op('Sub', [y, elements(b, x, [row, column], stride, counts)]);
    const next = b.op('Mul', [rest, unitStep(b, below)]);
    const its = b.op('Sub', [rest, next]);
    rest = next;
    return its;
  });
  const value = found.length === 1 ? found[0]! : b.op('Concat', found, { axis: 1 });
  return { value, strides: [stride, stride], channels, each: counts };
}

/** One element of each window. */
function elements(
  b: GraphBuilder,
  x: string,
  from: readonly number[],
  stride: number,
  counts: readonly number[],
): string {
  const ends = from.map((first, axis) => first + (counts[axis]! - 1) * stride + 1);
  return b.op('Slice', [x, b.ints(from), b.ints(ends), b.ints([2, 3]), b.ints([stride, stride])]);
}
