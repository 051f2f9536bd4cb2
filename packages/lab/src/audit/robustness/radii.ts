/** @file The radii at which robustness is measured. */

import type { ImageShape, Norm } from '@pareidolia/core';
import { formatEpsilon } from '../../format/format.ts';
import type { Radii } from '../bench.ts';
import { areSmall } from '../sample.ts';

/** Norms that robustness is measured in. */
export const NORMS = ['linf', 'l2'] as const;
export type MeasuredNorm = (typeof NORMS)[number];

/** For people. */
export const NORM_NAMES: Readonly<Record<Norm, string>> = { linf: 'Linf', l2: 'L2', l1: 'L1', l0: 'L0' };

interface Usual {
  /** Ascending. */
  readonly radii: readonly number[];
  /** The one that verdicts are about. */
  readonly reference: number;
}

/**
 * The radii that papers report: for small grey images those of MNIST, for small images in color those of CIFAR-10, for large ones
 * those of ImageNet. Verdicts are about a change that is hard to see: Linf .1 and L2 1 of grey digits, whose contrast is full;
 * 1/255, and L2 .25 or .5, of photographs.
 */
export function usualRadii(shape: ImageShape, norm: MeasuredNorm): Usual {
  if (norm === 'linf') {
    return areSmall(shape) && shape.channels === 1
      ? { radii: [0.1, 0.2, 0.3], reference: 0.1 }
      : { radii: [1 / 255, 2 / 255, 4 / 255, 8 / 255], reference: 1 / 255 };
  }
  if (!areSmall(shape)) return { radii: [0.5, 1, 3], reference: 0.5 };
  return shape.channels === 1 ? { radii: [0.5, 1, 2], reference: 1 } : { radii: [0.25, 0.5, 1], reference: 0.25 };
}

/** The usual radii with those that gates ask for, ascending, none twice. */
export function radiiOf(shape: ImageShape, asked: Radii, norm: MeasuredNorm): readonly number[] {
  const byName = new Map([...usualRadii(shape, norm).radii, ...(asked[norm] ?? [])].map((r) => [formatEpsilon(r), r]));
  return [...byName.values()].sort((a, b) => a - b);
}

/** The id of the robust accuracy in a ball; at radius 0 that of the images as they are. */
export function robustId(norm: Norm, radius: number): string {
  return `robust@${norm}:${formatEpsilon(radius)}`;
}
