/** @file The forms of a gradient graph that are checked on random networks. */

import { lower, type Target } from '../../lowering/lower.ts';
import type { Lowering } from './check.ts';

const form =
  (target: Target): Lowering =>
  (model) =>
    lower(model, target);

/** By name; all of them run on the processor, too. */
export const LOWERINGS: Readonly<Record<string, Lowering>> = {
  plain: form({ kind: 'plain' }),
  'onnxruntime-cpu, blocks of 8': form({ kind: 'onnxruntime-cpu', block: 8 }),
  'onnxruntime-cpu, blocks of 16': form({ kind: 'onnxruntime-cpu', block: 16 }),
  webgpu: form({ kind: 'webgpu' }),
};
