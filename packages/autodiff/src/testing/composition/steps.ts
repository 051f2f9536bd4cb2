/** @file All steps by name, and the opsets that have them. */

import { OPERATORS } from '../../operators/table.ts';
import { ELEMENTWISE_STEPS } from './elementwise.ts';
import { LAYER_STEPS } from './layers.ts';
import { MOVING_STEPS } from './moving.ts';
import type { Step } from './step.ts';
import { UNROLLED_STEPS } from './unrolled.ts';

export const STEPS: Readonly<Record<string, Step>> = {
  ...ELEMENTWISE_STEPS,
  ...LAYER_STEPS,
  ...MOVING_STEPS,
  ...UNROLLED_STEPS,
};

/** The oldest and the newest opset that has all operators of a program; none where `least` is above `most`. */
export function opsetsOf(program: readonly string[]): { readonly least: number; readonly most: number } {
  return {
    least: Math.max(18, ...program.map((name) => OPERATORS.get(name)?.since ?? 18)),
    most: Math.min(24, ...program.map((name) => OPERATORS.get(name)?.runtimeUntil ?? 24)),
  };
}
