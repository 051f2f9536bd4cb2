/** @file All steps by name, and the opsets that have them. */

import { ELEMENTWISE_STEPS } from './elementwise.ts';
import { LAYER_STEPS } from './layers.ts';
import { MOVING_STEPS } from './moving.ts';
import type { Step } from './step.ts';

export const STEPS: Readonly<Record<string, Step>> = { ...ELEMENTWISE_STEPS, ...LAYER_STEPS, ...MOVING_STEPS };

/** The opset that introduced an operator, if it is above the builder's. */
const SINCE: Readonly<Record<string, number>> = { Gelu: 20, RMSNormalization: 23, Swish: 24 };
/** The last opset for which ONNX Runtime 1.30 implements this operator. */
const UNTIL: Readonly<Record<string, number>> = { GlobalLpPool: 21 };

/** The oldest and the newest opset that has all operators of a program; none where `least` is above `most`. */
export function opsetsOf(program: readonly string[]): { readonly least: number; readonly most: number } {
  return {
    least: Math.max(18, ...program.map((name) => SINCE[name] ?? 18)),
    most: Math.min(24, ...program.map((name) => UNTIL[name] ?? 24)),
  };
}
